package org.megalab.data;

/** The one form of the messages about files that are not what they should be. */
final class Malformed {
  private Malformed() {}

  /**
   * What is wrong with a source at a place.
   *
   * @param where the file, and the member or line of it
   * @param offset the place of the mistake in bytes from the start of {@code where}'s file
   * @param found what is there
   * @param expected what should be there
   * @param advice what to try
   */
  static IllegalArgumentException at(
      Object where, long offset, String found, String expected, String advice) {
    return new IllegalArgumentException(
        "%s: at byte %d: found %s; expected %s; %s"
            .formatted(where, offset, found, expected, advice));
  }

  /** Bytes as they are shown in messages: {@code 1f 8b}. */
  static String hex(long value, int bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes; i++) {
      text.append(i == 0 ? "" : " ").append("%02x".formatted(value >>> 8 * i & 0xFF));
    }
    return text.toString();
  }
}
