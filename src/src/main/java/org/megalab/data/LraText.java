package org.megalab.data;

import java.nio.file.Path;
import java.util.List;
import org.megalab.data.file.Document;

/**
 * The task "Text" of the Long Range Arena (Tay et al. 2021): whether a film review of IMDb (Maas et
 * al. 2011) is positive, read byte by byte and cut at 4,000 bytes.
 *
 * <p>Files: {@code train/neg/*.txt}, {@code train/pos/*.txt}, {@code test/neg/*.txt}, {@code
 * test/pos/*.txt}, 12,500 in each, as {@code aclImdb_v1.tar.gz} unpacks; the folder is {@code
 * aclImdb}. The papers train on all 25,000 training reviews and choose by the test split.
 */
public final class LraText {
  /** The longest review, in bytes. */
  public static final int LONGEST = 4000;

  private static final List<String> CLASSES = List.of("neg", "pos");

  private LraText() {}

  /**
   * Opens the set as the papers do: all training reviews to learn from, no validation split.
   *
   * @throws IllegalArgumentException if a folder is missing or has no reviews
   */
  public static ExampleSet open(Path folder) {
    return open(folder, 0);
  }

  /**
   * Opens the set with a validation split: of a fixed shuffled order of the training reviews, the
   * last {@code validation}.
   *
   * @throws IllegalArgumentException if a folder is missing or has no reviews, or there are not
   *     more training reviews than that
   */
  public static ExampleSet open(Path folder, int validation) {
    Path absolute = Folders.require(folder, "train/{neg,pos}/*.txt and test/{neg,pos}/*.txt");
    Examples train = read(absolute.resolve("train"));
    if (validation < 0 || validation >= train.size()) {
      throw new IllegalArgumentException(
          "a validation split of %d of %d training reviews; it must be at least 0 and leave one"
              .formatted(validation, train.size()));
    }
    int[] order = HeldOut.shuffled(train.size());
    int kept = train.size() - validation;
    return new ExampleSet(
        "imdb",
        CLASSES,
        Numbers.SYMBOLS,
        HeldOut.part(train, 0, kept, i -> order[i]),
        HeldOut.part(train, kept, train.size(), i -> order[i]),
        read(absolute.resolve("test")));
  }

  private static Examples read(Path split) {
    NameTable names = new NameTable();
    for (int label = 0; label < CLASSES.size(); label++) {
      String name = CLASSES.get(label);
      for (Path file : Folders.someFiles(split.resolve(name), ".txt")) {
        names.add(name + "/" + Folders.name(file), label);
      }
    }
    names.done();
    return Examples.of(
        names.size(),
        i -> {
          Document review = Document.file(split.resolve(names.name(i)));
          return Example.labelled(
              review.read(0, (int) Math.min(LONGEST, review.length())), names.label(i), 2);
        });
  }
}
