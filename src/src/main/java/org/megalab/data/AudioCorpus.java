package org.megalab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.megalab.data.file.Document;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.WavFile;

/**
 * Sound as documents of the raw bytes of its samples, one a WAV file, for models of its density
 * (MEGABYTE, section 6: 16-bit PCM at 16 kHz, the less significant byte first). The headers are not
 * part of the documents; µ-law stays as it is.
 *
 * <p>Three layouts are read:
 *
 * <ul>
 *   <li>{@code train/}, {@code validation/} (or {@code valid/}) and {@code test/} with WAV files;
 *   <li>that of Speech Commands, split by its lists ({@link SpeechCommands});
 *   <li>a folder of WAV files: of n in the order of their names the last ⌈n / 10⌉ are the test
 *       split, and as many before them the validation split.
 * </ul>
 *
 * <p>Training windows of 16-bit samples should start at multiples of 2: {@link RandomWindows} with
 * a stride.
 */
public final class AudioCorpus {
  private final Path folder;
  private final List<List<Document>> splits =
      List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
  private String format = "";

  private AudioCorpus(Path folder) {
    this.folder = folder;
  }

  /**
   * Opens a folder and reads every header.
   *
   * @throws IllegalArgumentException if there are no WAV files, or fewer than three without a split
   * @throws MalformedFileException if one is damaged, or of another encoding, rate or number of
   *     channels than the first
   */
  public static Corpus open(Path folder) {
    AudioCorpus corpus =
        new AudioCorpus(Folders.require(folder, "WAV files, or train/ with WAV files"));
    if (Files.isDirectory(corpus.folder.resolve("train"))) {
      corpus.readSplits();
    } else if (SpeechLists.areIn(corpus.folder)) {
      corpus.readLists();
    } else {
      corpus.readFlat();
    }
    return new Corpus(
        Folders.name(corpus.folder),
        new Split("train", corpus.splits.get(0)),
        new Split("validation", corpus.splits.get(1)),
        new Split("test", corpus.splits.get(2)),
        corpus.folder);
  }

  private void readSplits() {
    String valid = Files.isDirectory(folder.resolve("validation")) ? "validation" : "valid";
    List<String> names = List.of("train", valid, "test");
    for (int s = 0; s < names.size(); s++) {
      if (Files.isDirectory(folder.resolve(names.get(s)))) {
        for (Path file : Folders.someFiles(folder.resolve(names.get(s)), ".wav")) {
          add(s, file);
        }
      }
    }
  }

  private void readLists() {
    SpeechLists lists = SpeechLists.read(folder, List.of());
    List<NameTable> names = List.of(lists.train(), lists.validation(), lists.test());
    for (int s = 0; s < names.size(); s++) {
      NameTable clips = names.get(s);
      int split = s;
      IntStream.range(0, clips.size()).forEach(i -> add(split, folder.resolve(clips.name(i))));
    }
  }

  private void readFlat() {
    List<Path> files = Folders.someFiles(folder, ".wav");
    int n = files.size();
    int tenth = (n + 9) / 10;
    if (n < 3) {
      throw new IllegalArgumentException(
          folder
              + ": %d WAV files are too few to be split; give at least 3, or folders train/, validation/ and test/"
                  .formatted(n));
    }
    for (int i = 0; i < n; i++) {
      add(i < n - 2 * tenth ? 0 : i < n - tenth ? 1 : 2, files.get(i));
    }
  }

  private void add(int split, Path path) {
    WavFile file = WavFile.open(path);
    String found =
        "%s at %d hertz, %d channels"
            .formatted(file.encoding(), file.sampleRate(), file.channels());
    format = format.isEmpty() ? found : format;
    if (!found.equals(format)) {
      throw new MalformedFileException(
          path,
          20,
          found,
          format + " as in the first file",
          "convert the files to one encoding and rate, as with sox");
    }
    splits.get(split).add(file.data());
  }
}
