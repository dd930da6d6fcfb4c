package org.megalab.data.media;

import org.megalab.data.Document;

/** Consecutive bytes of another document as a document of their own. */
final class PartDocument implements Document {
  private final String name;
  private final Document whole;
  private final long start;
  private final long length;

  PartDocument(String name, Document whole, long start, long length) {
    this.name = name;
    this.whole = whole;
    this.start = start;
    this.length = length;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void read(long offset, byte[] into, int from, int count) {
    if (offset < 0 || count < 0 || offset > length - count) {
      throw new IllegalArgumentException(
          "%s: %d bytes from byte %d on were asked for, but there are %d"
              .formatted(name, count, offset, length));
    }
    whole.read(start + offset, into, from, count);
  }

  @Override
  public String toString() {
    return "%s (%,d bytes)".formatted(name, length);
  }
}
