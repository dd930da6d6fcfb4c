package org.megalab.data.file;

import java.io.IOException;
import java.io.OutputStream;

/** Counts the bytes that it passes on. */
class CountingOutput extends OutputStream {
  private final OutputStream out;
  private long bytes;

  CountingOutput(OutputStream out) {
    this.out = out;
  }

  /** Bytes so far, with those that are being written. */
  final long bytes() {
    return bytes;
  }

  /** May refuse what is about to be passed on, which is counted already. */
  void check() throws IOException {}

  @Override
  public final void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public final void write(byte[] b, int from, int count) throws IOException {
    bytes += count;
    check();
    out.write(b, from, count);
  }
}
