package org.megalab.data;

/** The range checks that every kind of document, and every synthetic task, share. */
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

  /** Refuses a setting of a task that is out of range. */
  static void check(String task, String setting, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s: %s must be between %d and %d, got %d".formatted(task, setting, least, most, value));
    }
  }
}
