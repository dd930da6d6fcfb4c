package org.megalab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.megalab.data.file.ListFile;

/**
 * The clips of a folder in the layout of Speech Commands (Warden 2018): a folder of WAV files a
 * word, and the lists {@code validation_list.txt} and {@code testing_list.txt} of lines {@code
 * word/clip.wav}; all other clips are the training split. Folders that begin with {@code _} are no
 * words.
 */
record SpeechLists(List<String> words, NameTable train, NameTable validation, NameTable test) {
  static final String VALIDATION = "validation_list.txt";
  static final String TEST = "testing_list.txt";

  /** Whether the folder has this layout. */
  static boolean areIn(Path folder) {
    return Files.isRegularFile(folder.resolve(VALIDATION))
        || Files.isRegularFile(folder.resolve(TEST));
  }

  /** Reads the folder with the words named, or all if none are. */
  static SpeechLists read(Path folder, List<String> named) {
    List<String> words =
        named.isEmpty()
            ? Folders.folders(folder).stream()
                .map(Folders::name)
                .filter(name -> !name.startsWith("_"))
                .toList()
            : List.copyOf(named);
    if (words.isEmpty()) {
      throw new IllegalArgumentException(
          folder + ": there are no folders of words; give the folder that the archive unpacks to");
    }
    Set<String> validation = list(folder, VALIDATION, words, !named.isEmpty());
    Set<String> test = list(folder, TEST, words, !named.isEmpty());
    SpeechLists lists = new SpeechLists(words, new NameTable(), new NameTable(), new NameTable());
    for (int w = 0; w < words.size(); w++) {
      for (Path file : Folders.someFiles(folder.resolve(words.get(w)), ".wav")) {
        String clip = words.get(w) + "/" + Folders.name(file);
        NameTable split =
            test.contains(clip)
                ? lists.test
                : validation.contains(clip) ? lists.validation : lists.train;
        split.add(clip, w);
      }
    }
    lists.train.done();
    lists.validation.done();
    lists.test.done();
    return lists;
  }

  /** The clips that a list names; each must be there. */
  private static Set<String> list(Path folder, String name, List<String> words, boolean some) {
    Path path = folder.resolve(name);
    Set<String> clips = new HashSet<>();
    ListFile.read(
        path,
        (clip, offset) -> {
          int slash = clip.indexOf('/');
          boolean wanted = slash > 0 && words.contains(clip.substring(0, slash));
          if (wanted && Files.isRegularFile(folder.resolve(clip)) && !clip.contains("..")) {
            clips.add(clip);
          } else if (wanted || slash <= 0 || !some) {
            throw ListFile.fault(
                path, offset, clip, "the name of a clip in " + folder + ", as word/clip.wav");
          }
        });
    return clips;
  }
}
