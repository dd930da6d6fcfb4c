package org.megalab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.megalab.data.file.Document;

/**
 * WikiText (Merity et al., 2016): articles of the English Wikipedia in three files.
 *
 * <p>The layout is {@code wiki.train.raw}, {@code wiki.valid.raw} and {@code wiki.test.raw}, or the
 * same with {@code .tokens} for the text in which rare words are {@code <unk>}; bytes are counted
 * on the raw one. A folder {@code wikitext-103-raw} or {@code wikitext-103} with the files may lie
 * in between, as the published archives have it. Validation and test may be absent.
 *
 * <p>A split is one document, as the papers evaluate it: articles follow each other, and a model
 * reads over their ends.
 */
public final class WikiText {
  private static final List<String> ENDINGS = List.of(".raw", ".tokens");
  private static final List<String> FOLDERS = List.of("", "wikitext-103-raw", "wikitext-103");

  private WikiText() {}

  /**
   * Opens a folder in the layout above.
   *
   * @throws IllegalArgumentException if the train file is not there, or a file is empty
   */
  public static Corpus open(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    for (String inner : FOLDERS) {
      for (String ending : ENDINGS) {
        Path place = absolute.resolve(inner);
        if (Files.isRegularFile(place.resolve("wiki.train" + ending))) {
          return new Corpus(
              String.valueOf(absolute.getFileName()),
              split("train", place.resolve("wiki.train" + ending)),
              split("validation", place.resolve("wiki.valid" + ending)),
              split("test", place.resolve("wiki.test" + ending)),
              absolute);
        }
      }
    }
    throw new IllegalArgumentException(
        absolute
            + ": there is neither wiki.train.raw nor wiki.train.tokens; expected wiki.train.raw, wiki.valid.raw and"
            + " wiki.test.raw, as wikitext-103-raw-v1.zip holds them");
  }

  private static Split split(String name, Path file) {
    return new Split(name, Files.exists(file) ? List.of(Document.file(file)) : List.of());
  }

  /** Whether a folder is in this layout. */
  static boolean fits(Path folder) {
    return FOLDERS.stream()
        .anyMatch(
            inner ->
                ENDINGS.stream()
                    .anyMatch(
                        e -> Files.isRegularFile(folder.resolve(inner).resolve("wiki.train" + e))));
  }
}
