package org.megalab.data;

/** Consecutive bytes of one document and where they come from. */
public final class Window {
  private final int document;
  private final long offset;
  private final byte[] bytes;
  private final int overlap;

  Window(int document, long offset, byte[] bytes, int overlap) {
    this.document = document;
    this.offset = offset;
    this.bytes = bytes;
    this.overlap = overlap;
  }

  /** Index of the document in its split. */
  public int document() {
    return document;
  }

  /** Position of the first byte in the document. */
  public long offset() {
    return offset;
  }

  /** The bytes themselves, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** Number of bytes. */
  public int length() {
    return bytes.length;
  }

  /** Number of its first bytes that the windows before it hold too; they are there for context. */
  public int overlap() {
    return overlap;
  }

  @Override
  public String toString() {
    return "document %d, bytes %,d to %,d".formatted(document, offset, offset + bytes.length - 1);
  }
}
