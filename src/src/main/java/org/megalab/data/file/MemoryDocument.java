package org.megalab.data.file;

/** A document held in an array that nobody else changes. */
final class MemoryDocument implements Document {
  private final String name;
  private final byte[] bytes;

  MemoryDocument(String name, byte[] bytes) {
    if (bytes.length == 0) {
      throw new IllegalArgumentException(
          name + ": the document is empty; give it at least one byte, or leave it out");
    }
    this.name = name;
    this.bytes = bytes;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public void read(long offset, byte[] into, int from, int count) {
    Document.checkRange(this, offset, into, from, count);
    System.arraycopy(bytes, (int) offset, into, from, count);
  }

  @Override
  public String toString() {
    return "%s (%,d bytes in memory)".formatted(name, bytes.length);
  }
}
