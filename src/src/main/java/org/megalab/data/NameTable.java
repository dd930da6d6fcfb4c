package org.megalab.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Many names with a class each, in little memory: a million file names take about 30 MB. */
final class NameTable {
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private byte[] bytes = new byte[0];
  private int[] starts = new int[1024];
  private short[] labels = new short[1024];
  private int size;

  void add(String name, int label) {
    if (size + 1 == starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
      labels = Arrays.copyOf(labels, starts.length);
    }
    text.writeBytes(name.getBytes(StandardCharsets.UTF_8));
    labels[size] = (short) label;
    starts[++size] = text.size();
  }

  /** Ends the adding; from here on the table is read, from any thread. */
  NameTable done() {
    bytes = text.toByteArray();
    text.reset();
    return this;
  }

  int size() {
    return size;
  }

  String name(int index) {
    return new String(
        bytes, starts[index], starts[index + 1] - starts[index], StandardCharsets.UTF_8);
  }

  int label(int index) {
    return labels[index] & 0xFFFF;
  }
}
