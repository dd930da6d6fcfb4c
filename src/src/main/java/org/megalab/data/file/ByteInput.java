package org.megalab.data.file;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Part of a file that is read once, from its start to its end, with the offset at hand. */
final class ByteInput implements Closeable {
  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int position;
  private int limit;
  private long base; // offset in the file of buffer[0]
  private long left; // bytes of the part that are not in the buffer yet

  ByteInput(Path file, long offset, long length) throws IOException {
    SeekableByteChannel channel = Files.newByteChannel(file);
    channel.position(offset);
    in = Channels.newInputStream(channel);
    base = offset;
    left = length;
  }

  ByteInput(Path file) throws IOException {
    this(file, 0, Long.MAX_VALUE);
  }

  /** Makes sure that there is a byte in the buffer; false at the end of the part or the file. */
  boolean fill() throws IOException {
    if (position < limit) {
      return true;
    }
    base += limit;
    position = 0;
    limit = Math.max(0, in.read(buffer, 0, (int) Math.min(buffer.length, left)));
    left -= limit;
    return limit > 0;
  }

  /** The next byte, or −1 at the end. */
  int read() throws IOException {
    return fill() ? buffer[position++] & 0xFF : -1;
  }

  /** Offset in the file of the next byte. */
  long offset() {
    return base + position;
  }

  byte[] buffer() {
    return buffer;
  }

  int position() {
    return position;
  }

  int available() {
    return limit - position;
  }

  void consume(int count) {
    position += count;
  }

  /** Writes everything that is left. */
  void copyTo(OutputStream out) throws IOException {
    while (fill()) {
      out.write(buffer, position, available());
      position = limit;
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
