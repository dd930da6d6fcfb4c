package org.megalab.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.WavEncoding;
import org.megalab.data.file.WavFile;

/**
 * Speech Commands v0.02 (Warden 2018), or any set in its layout: which word is said, from the raw
 * samples of one second.
 *
 * <p>Files: a folder of WAV files a word, {@code validation_list.txt} and {@code testing_list.txt}
 * with the clips of these splits (9,981 and 11,005 of 105,829); all others are the training split.
 * {@code _background_noise_} is ignored. The classes are the words in alphabetical order, or those
 * given, in their order.
 *
 * <p>Clips shorter than a second are padded with silence at the end, longer ones are cut; of two
 * channels the mean is taken. The papers' results on ten words use splits of their own, drawn from
 * the order in which a file system lists the files; here the published lists hold for these too.
 */
public final class SpeechCommands {
  /** The ten words of the papers' subset SC10. */
  public static final List<String> SC10 =
      List.of("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go");

  private final Path folder;
  private final WavEncoding encoding;
  private final int sampleRate;
  private final int classes;

  private SpeechCommands(Path folder, SpeechLists lists) {
    this.folder = folder;
    this.classes = lists.words().size();
    WavFile first = WavFile.open(folder.resolve(lists.train().name(0)));
    encoding = first.encoding();
    sampleRate = first.sampleRate();
  }

  /**
   * Opens all words.
   *
   * @throws IllegalArgumentException if the folder, a list or the clips of a word are missing
   * @throws MalformedFileException if a list names what is no clip, or the first clip is damaged;
   *     the others are checked when they are read
   */
  public static ExampleSet open(Path folder) {
    return open(folder, List.of());
  }

  /**
   * Opens some words, such as {@link #SC10}; errors as in the other {@code open}.
   *
   * @param words the classes in their order; none for all
   */
  public static ExampleSet open(Path folder, List<String> words) {
    Path absolute =
        Folders.require(folder, "a folder a word, validation_list.txt and testing_list.txt");
    SpeechLists lists = SpeechLists.read(absolute, words);
    if (lists.train().size() == 0) {
      throw new IllegalArgumentException(
          absolute + ": the lists name every clip, none is left to learn from; fetch them again");
    }
    SpeechCommands set = new SpeechCommands(absolute, lists);
    return new ExampleSet(
        Folders.name(absolute),
        lists.words(),
        Numbers.samples(set.encoding),
        set.examples(lists.train()),
        set.examples(lists.validation()),
        set.examples(lists.test()));
  }

  private Examples examples(NameTable clips) {
    return Examples.of(
        clips.size(),
        i -> Example.labelled(clip(folder.resolve(clips.name(i))), clips.label(i), classes));
  }

  private byte[] clip(Path path) {
    WavFile file = WavFile.open(path);
    if (file.encoding() != encoding || file.sampleRate() != sampleRate) {
      throw new MalformedFileException(
          path,
          20,
          "%s at %d hertz".formatted(file.encoding(), file.sampleRate()),
          "%s at %d hertz as in the first clip".formatted(encoding, sampleRate),
          "convert the clips to one encoding and rate, as with sox");
    }
    int frames = (int) Math.min(sampleRate, file.frames());
    byte[] samples = file.mono(0, frames);
    byte[] second = Arrays.copyOf(samples, sampleRate * encoding.width());
    byte[] silence = encoding.silence(sampleRate - frames);
    System.arraycopy(silence, 0, second, samples.length, silence.length);
    return second;
  }
}
