package org.megalab.data.file;

/**
 * What is asked of sources that are compressed, packed or encoded, and so are decoded into a
 * temporary file before they are read.
 *
 * @param maximum the most bytes that one source (a file, with all its members) may become; more are
 *     refused, so that a small file cannot fill the disk
 * @param utf8 whether every document must be UTF-8
 */
public record Decoding(long maximum, boolean utf8) {

  /** At most 16 GiB a source, of whatever bytes. */
  public static final Decoding DEFAULT = new Decoding(16L << 30, false);

  /**
   * Checks the maximum.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public Decoding {
    if (maximum < 1) {
      throw new IllegalArgumentException(
          "the maximum is " + maximum + " bytes; it must be at least 1");
    }
  }

  /** The same with another maximum. */
  public Decoding withMaximum(long bytes) {
    return new Decoding(bytes, utf8);
  }

  /** The same, with documents that must be UTF-8. */
  public Decoding withUtf8() {
    return new Decoding(maximum, true);
  }
}
