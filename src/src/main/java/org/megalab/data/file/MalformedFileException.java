package org.megalab.data.file;

/**
 * A file whose bytes are not what its format, its header or its data set says. The message names
 * the file, the byte, what is there, what should be, and what to try. Whoever throws it has handed
 * out nothing of the file.
 */
public final class MalformedFileException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;

  /**
   * A fault.
   *
   * @param file the file; behind it the member of an archive, as {@code photos.npz!/data.npy}, or
   *     the line, as {@code pairs.tsv, line 3}
   * @param offset the byte of the file, or of the member, where the fault is
   * @param found what is there
   * @param expected what should be there
   * @param remedy what to try
   */
  public MalformedFileException(
      Object file, long offset, String found, String expected, String remedy) {
    super(
        "%s: at byte %d: found %s; expected %s; %s"
            .formatted(file, offset, found, expected, remedy));
    this.file = file.toString();
    this.offset = offset;
  }

  /** Returns the file, and behind it the member or the line. */
  public String file() {
    return file;
  }

  /** Returns where in the file, or the member, the fault is. */
  public long offset() {
    return offset;
  }
}
