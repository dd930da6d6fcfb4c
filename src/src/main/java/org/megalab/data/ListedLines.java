package org.megalab.data;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.megalab.data.media.MalformedFileException;

/** Walks through the lines of a text file that says what lies in other files. */
final class ListedLines {
  private static final int LONGEST = 1 << 16;

  private ListedLines() {}

  /** Sees a line without the spaces around it, and its place in the file. */
  interface Visitor {
    void line(String line, long offset);
  }

  /** Shows every line that is not blank. */
  static void read(Path path, Visitor visitor) {
    Document.file(path); // refuses what is missing or empty
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long offset = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path))) {
      for (int b = in.read(); b >= 0; b = in.read()) {
        line.write(b);
        if (line.size() > LONGEST) {
          throw fault(path, offset, line.toString(StandardCharsets.UTF_8), "a text of short lines");
        }
        if (b == '\n') {
          visit(visitor, line, offset);
          offset += line.size();
          line.reset();
        }
      }
      visit(visitor, line, offset);
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": it cannot be read: " + e, e);
    }
  }

  private static void visit(Visitor visitor, ByteArrayOutputStream line, long offset) {
    String text = line.toString(StandardCharsets.UTF_8).strip();
    if (!text.isEmpty()) {
      visitor.line(text, offset);
    }
  }

  /** What to throw where a line is not as it should be. */
  static MalformedFileException fault(Path path, long offset, String line, String expected) {
    return new MalformedFileException(
        path.toAbsolutePath(),
        offset,
        "the line \"" + line.substring(0, Math.min(80, line.length())) + "\"",
        expected,
        "take all files from the same release, and unpack it again");
  }
}
