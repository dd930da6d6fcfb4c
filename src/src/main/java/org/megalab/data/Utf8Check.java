package org.megalab.data;

/**
 * Whether bytes that come in pieces are UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing
 * beyond U+10FFFF, no character cut off.
 */
final class Utf8Check {
  private long offset;
  private int missing; // continuation bytes that the character still needs
  private int low = 0x80; // the least and the greatest that the next one may be
  private int high = 0xBF;

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
  static IllegalArgumentException failure(Object where, long offset, long base) {
    return Malformed.at(
        where,
        base + offset,
        "a byte that is no part of a UTF-8 character",
        "text in UTF-8",
        "convert the file, as with iconv -t UTF-8, or leave it out");
  }
}
