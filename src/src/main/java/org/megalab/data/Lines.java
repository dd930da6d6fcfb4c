package org.megalab.data;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** Cuts bytes that are written to it into lines. */
final class Lines extends OutputStream {
  /** The longest line, which is held in memory: 64 MiB. */
  static final int LONGEST = 64 << 20;

  private final Object where;
  private final Reader reader;
  private byte[] line = new byte[1 << 12];
  private int length;
  private long number = 1;
  private long start;

  /** Takes lines. */
  interface Reader {
    /**
     * Takes a line.
     *
     * @param bytes holds it from index 0 on, without the line feed
     * @param number from 1 on
     * @param offset where it begins
     */
    void line(byte[] bytes, int length, long number, long offset) throws IOException;
  }

  Lines(Object where, Reader reader) {
    this.where = where;
    this.reader = reader;
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
  void end() throws IOException {
    if (length > 0) {
      deliver(0);
    }
  }

  private void append(byte[] bytes, int from, int count) {
    if (count > LONGEST - length) {
      throw Malformed.at(
          where + ", line " + number,
          start,
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
    reader.line(line, length, number, start);
    start += length + feed;
    number++;
    length = 0;
  }
}
