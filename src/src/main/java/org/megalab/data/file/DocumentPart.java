package org.megalab.data.file;

import java.lang.ref.Reference;

/** Consecutive bytes of another document as a document. */
final class DocumentPart implements Document {
  private final String name;
  private final Document whole;
  private final long start;
  private final long length;

  DocumentPart(String name, Document whole, long start, long length) {
    if (start < 0 || length < 1 || start > whole.length() - length) {
      throw new IllegalArgumentException(
          "%s: a part of %d bytes from byte %d on was asked for, but %s has %d bytes; a part has at least 1"
              .formatted(name, length, start, whole.name(), whole.length()));
    }
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
    Document.checkRange(this, offset, into, from, count);
    try {
      whole.read(start + offset, into, from, count);
    } finally {
      Reference.reachabilityFence(whole); // a temporary file goes with the last who holds it
    }
  }

  @Override
  public String toString() {
    return "%s (%,d bytes of %s from byte %,d on)".formatted(name, length, whole.name(), start);
  }
}
