package org.megalab.kernel;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Standard input: each time it runs dry, the user is asked for a line. */
final class CellInput extends InputStream {
  private final Supplier<@Nullable String> lines;
  private byte[] line = new byte[0];
  private int position;

  /** Reads what {@code lines} gives, line ends included; null is the end. */
  CellInput(Supplier<@Nullable String> lines) {
    this.lines = lines;
  }

  @Override
  public synchronized int read() {
    return fill() ? line[position++] & 0xFF : -1;
  }

  @Override
  public synchronized int read(byte[] into, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, line.length - position);
    System.arraycopy(line, position, into, offset, count);
    position += count;
    return count;
  }

  @Override
  public synchronized int available() {
    return line.length - position;
  }

  private boolean fill() {
    if (position == line.length) {
      String next = lines.get();
      line = next == null ? new byte[0] : next.getBytes(StandardCharsets.UTF_8);
      position = 0;
    }
    return position < line.length;
  }
}
