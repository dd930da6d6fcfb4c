package org.megalab.data.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;

/** Cuts bytes that are written to it into lines, of which one at a time is in memory. */
public final class TextLines extends OutputStream {
  /** The longest line, which is held in memory: 64 MiB. */
  static final int LONGEST = 64 << 20;

  private final Object where;
  private final Reader reader;
  private byte[] line = new byte[1 << 12];
  private int length;
  private long number = 1;
  private long start;

  /** Takes lines. */
  @FunctionalInterface
  public interface Reader {
    /** Takes a line, which is good until this returns. */
    void line(Line line) throws IOException;
  }

  /** A line without the line feed that ends it. */
  public final class Line {
    private Line() {}

    /** Returns an array that holds the line from index 0 on. */
    byte[] bytes() {
      return line;
    }

    /** Returns the bytes of the line. */
    int length() {
      return length;
    }

    /** Returns the line's number, from 1 on. */
    long number() {
      return number;
    }

    /** Returns where the line begins. */
    public long offset() {
      return start;
    }

    /**
     * Returns the line as text.
     *
     * @throws MalformedFileException if it is not UTF-8
     */
    public String text() {
      Utf8Check utf8 = new Utf8Check();
      long wrong = Math.max(utf8.accept(line, 0, length), utf8.end());
      if (wrong >= 0) {
        throw Utf8Check.failure(this, wrong, start);
      }
      return new String(line, 0, length, UTF_8);
    }

    /** Returns what to throw if the line is not as it should be. */
    public MalformedFileException fault(String found, String expected, String remedy) {
      return new MalformedFileException(this, start, found, expected, remedy);
    }

    /** The file and the number of the line, for messages. */
    @Override
    public String toString() {
      return where + ", line " + number;
    }
  }

  private TextLines(Object where, Reader reader) {
    this.where = where;
    this.reader = reader;
  }

  /**
   * Reads the lines of a file, what it holds if its name ends in {@code .gz}.
   *
   * @throws IllegalArgumentException if it is missing or empty
   * @throws MalformedFileException if a line is longer than 64 MiB, or the gzip is damaged
   * @throws IOException if it cannot be read, or the reader throws it
   */
  public static void read(Path file, Reader reader) throws IOException {
    Document.file(file); // says what is wrong with the path
    boolean gzip = String.valueOf(file.getFileName()).endsWith(".gz");
    TextLines lines = new TextLines(gzip ? file + " (decompressed)" : file, reader);
    if (gzip) {
      Gzip.decompress(file, lines);
    } else {
      try (ByteInput in = new ByteInput(file)) {
        in.copyTo(lines);
      }
    }
    lines.end();
  }

  /** Reads the lines of a document; errors name it as given. */
  static void read(Object where, Document document, Reader reader) throws IOException {
    TextLines lines = new TextLines(where, reader);
    byte[] chunk = new byte[1 << 16];
    for (long at = 0; at < document.length(); at += chunk.length) {
      int n = (int) Math.min(chunk.length, document.length() - at);
      document.read(at, chunk, 0, n);
      lines.write(chunk, 0, n);
    }
    lines.end();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    int end = from + count;
    int begin = from;
    for (int i = from; i < end; i++) {
      if (bytes[i] == '\n') {
        append(bytes, begin, i - begin);
        deliver(1);
        begin = i + 1;
      }
    }
    append(bytes, begin, end - begin);
  }

  /** The last line, if no line feed ends it. */
  private void end() throws IOException {
    if (length > 0) {
      deliver(0);
    }
  }

  private void append(byte[] bytes, int from, int count) {
    if (count > LONGEST - length) {
      throw new Line()
          .fault(
              "a line of more than " + LONGEST + " bytes",
              "a shorter one",
              "check that the file is in lines, and split the line");
    }
    if (length + count > line.length) {
      line = Arrays.copyOf(line, Math.min(LONGEST, Math.max(length + count, 2 * line.length)));
    }
    System.arraycopy(bytes, from, line, length, count);
    length += count;
  }

  private void deliver(int feed) throws IOException {
    reader.line(new Line());
    start += length + feed;
    number++;
    length = 0;
  }
}
