package org.megalab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.data.file.Archive;
import org.megalab.data.file.Decoding;
import org.megalab.data.file.Document;

/**
 * The first 10⁸ bytes of the English Wikipedia of 3 March 2006 (Mahoney), and files that are split
 * like it.
 *
 * <p>The layout is one file {@code enwik8}, or {@code enwik8.zip} with it. By the rule of Graves
 * (2013, section 3.2), whom Transformer-XL and MEGA follow, the first 90,000,000 bytes are for
 * training, the next 5,000,000 for validation and the last 5,000,000 for the test. Each split is
 * one document.
 */
public final class Enwik8 {
  /** Bytes of the whole. */
  public static final long LENGTH = 100_000_000;

  private static final String NAME = "enwik8";

  private Enwik8() {}

  /**
   * Opens a folder with the file, or the file itself.
   *
   * @throws IllegalArgumentException if it is not there, or has not 100,000,000 bytes
   */
  public static Corpus open(Path path) {
    Document whole = whole(path);
    if (whole.length() != LENGTH) {
      throw new IllegalArgumentException(
          "%s: %s has %d bytes; enwik8 has %d; fetch it again, or give the fractions of another file: Enwik8.open(path, 0.9, 0.05)"
              .formatted(path, whole.name(), whole.length(), LENGTH));
    }
    return split(path, whole, 90_000_000, 5_000_000);
  }

  /**
   * Opens any file and splits it at ⌊n·train⌋ and ⌊n·(train + validation)⌋ bytes of n.
   *
   * @param train fraction of the bytes to learn from
   * @param validation fraction of the bytes to choose by; the rest is for the test
   * @throws IllegalArgumentException if it is not there, or a fraction is out of range
   */
  public static Corpus open(Path path, double train, double validation) {
    if (!(train > 0 && validation >= 0 && train + validation <= 1)) {
      throw new IllegalArgumentException(
          "%s of the bytes to learn from and %s to choose by; both must be at least 0, the first more, and both together at most 1"
              .formatted(train, validation));
    }
    Document whole = whole(path);
    long first = (long) Math.floor(whole.length() * train);
    long second = (long) Math.floor(whole.length() * (train + validation)) - first;
    return split(path, whole, first, second);
  }

  private static Corpus split(Path path, Document whole, long train, long validation) {
    Path absolute = path.toAbsolutePath().normalize();
    return new Corpus(
        String.valueOf(absolute.getFileName()),
        part("train", whole, 0, train),
        part("validation", whole, train, validation),
        part("test", whole, train + validation, whole.length() - train - validation),
        Files.isDirectory(absolute) ? absolute : null);
  }

  private static Split part(String name, Document whole, long start, long length) {
    String document = whole.name() + " " + name;
    return new Split(name, length < 1 ? List.of() : List.of(whole.part(document, start, length)));
  }

  private static Document whole(Path path) {
    @Nullable Path file = find(path);
    if (file == null) {
      throw new IllegalArgumentException(
          "%s: there is neither a file enwik8 nor enwik8.zip; both are at http://mattmahoney.net/dc/textdata.html"
              .formatted(path.toAbsolutePath()));
    }
    if (!String.valueOf(file.getFileName()).endsWith(".zip")) {
      return Document.file(file);
    }
    List<Document> members = Archive.documents(file, member -> true, Decoding.DEFAULT);
    if (members.size() != 1) {
      throw new IllegalArgumentException(
          "%s: the archive has %d files; expected one, such as enwik8"
              .formatted(file, members.size()));
    }
    return members.get(0);
  }

  private static @Nullable Path find(Path path) {
    if (!Files.isDirectory(path)) {
      return Files.exists(path) ? path : null;
    }
    for (String name : new String[] {NAME, NAME + ".zip"}) {
      if (Files.isRegularFile(path.resolve(name))) {
        return path.resolve(name);
      }
    }
    return null;
  }

  /** Whether a folder is in this layout, or a file called like it. */
  static boolean fits(Path path) {
    Path file = find(path);
    return file != null && String.valueOf(file.getFileName()).matches(NAME + "(\\.zip)?");
  }
}
