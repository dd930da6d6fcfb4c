package org.megalab.data.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Text files of short lines that say what lies in other files. */
public final class ListFile {
  private static final int LONGEST = 1 << 16;
  private static final String REMEDY = "take all files from the same release, and unpack it again";

  private ListFile() {}

  /** Sees a line without the spaces around it, and its place in the file. */
  @FunctionalInterface
  public interface Visitor {
    /** Sees a line. */
    void line(String line, long offset);
  }

  /**
   * Shows every line that is not blank.
   *
   * @throws IllegalArgumentException if the file is missing or empty
   * @throws MalformedFileException if a line is longer than 64 KiB or not UTF-8
   * @throws UncheckedIOException if it cannot be read
   */
  public static void read(Path path, Visitor visitor) {
    try {
      TextLines.read(path, line -> visit(line, visitor));
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": it cannot be read: " + e, e);
    }
  }

  private static void visit(TextLines.Line line, Visitor visitor) {
    if (line.length() > LONGEST) {
      throw line.fault("a line of " + line.length() + " bytes", "short lines", REMEDY);
    }
    String text = line.text().strip();
    if (!text.isEmpty()) {
      visitor.line(text, line.offset());
    }
  }

  /** Returns what to throw where a line is not as it should be. */
  public static MalformedFileException fault(Path path, long offset, String line, String expected) {
    return new MalformedFileException(
        path.toAbsolutePath(),
        offset,
        "the line \"" + line.substring(0, Math.min(80, line.length())) + "\"",
        expected,
        REMEDY);
  }
}
