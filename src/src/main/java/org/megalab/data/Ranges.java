package org.megalab.data;

/** The range check that every kind of document shares. */
final class Ranges {
  private Ranges() {}

  /** Refuses a range that leaves the document or the array. */
  static void check(Document document, long offset, byte[] into, int from, int count) {
    long length = document.length();
    if (offset < 0 || count < 0 || offset > length - count) {
      throw new IllegalArgumentException(
          "%s: %d bytes from byte %d on were asked for, but the document has %d bytes"
              .formatted(document.name(), count, offset, length));
    }
    if (from < 0 || from > into.length - count) {
      throw new IllegalArgumentException(
          "%s: %d bytes do not fit into an array of %d from index %d on"
              .formatted(document.name(), count, into.length, from));
    }
  }
}
