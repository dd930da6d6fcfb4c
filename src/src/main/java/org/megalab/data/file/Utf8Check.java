package org.megalab.data.file;

/**
 * Whether bytes that come in pieces are UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing
 * beyond U+10FFFF, no character cut off.
 */
public final class Utf8Check {
  private long offset;
  private int missing; // continuation bytes that the character still needs
  private int low = 0x80; // the least and the greatest that the next one may be
  private int high = 0xBF;

  Utf8Check() {}

  /**
   * Reads a document once.
   *
   * @param where what errors name
   * @throws MalformedFileException if it is not UTF-8, with the first byte that is wrong
   */
  public static void check(Object where, Document document) {
    Utf8Check utf8 = new Utf8Check();
    byte[] chunk = new byte[1 << 16];
    long wrong = -1;
    for (long at = 0; at < document.length() && wrong < 0; at += chunk.length) {
      int n = (int) Math.min(chunk.length, document.length() - at);
      document.read(at, chunk, 0, n);
      wrong = utf8.accept(chunk, 0, n);
    }
    wrong = Math.max(wrong, utf8.end());
    if (wrong >= 0) {
      throw failure(where, wrong, 0);
    }
  }

  /** Forgets what came before. */
  void reset() {
    offset = 0;
    missing = 0;
    low = 0x80;
    high = 0xBF;
  }

  /** Reads on; returns the offset of the first byte that is wrong, or −1. */
  long accept(byte[] bytes, int from, int count) {
    for (int i = from; i < from + count; i++, offset++) {
      int b = bytes[i] & 0xFF;
      if (missing == 0) {
        if (b >= 0x80 && !begin(b)) {
          return offset;
        }
      } else if (b < low || b > high) {
        return offset;
      } else {
        missing--;
        low = 0x80;
        high = 0xBF;
      }
    }
    return -1;
  }

  /** Ends; returns the offset of the end if a character is cut off there, or −1. */
  long end() {
    return missing > 0 ? offset : -1;
  }

  private boolean begin(int b) {
    missing = b < 0xC2 ? 0 : b < 0xE0 ? 1 : b < 0xF0 ? 2 : b < 0xF5 ? 3 : 0;
    low = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
    high = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
    return missing > 0;
  }

  /** The message's words for what was found: the byte, or the end. */
  static MalformedFileException failure(Object where, long offset, long base) {
    return new MalformedFileException(
        where,
        base + offset,
        "a byte that is no part of a UTF-8 character",
        "text in UTF-8",
        "convert the file, as with iconv -t UTF-8, or leave it out");
  }
}
