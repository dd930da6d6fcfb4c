package org.megalab.data.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads the fields of a header and says where one is missing. */
final class Fields {
  static final String FETCH_AGAIN = "fetch the file again and compare its checksum";
  private static final int WINDOW = 1024;

  private final String file;
  private final Document bytes;
  private byte[] window = new byte[0];
  private long windowStart;

  /** The fields of a file, or of a member of an archive that is called {@code file}. */
  Fields(String file, Document bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  /** The fields of a file. */
  static Fields of(Path path) {
    return new Fields(path.toAbsolutePath().toString(), Document.file(path));
  }

  String file() {
    return file;
  }

  Document bytes() {
    return bytes;
  }

  long length() {
    return bytes.length();
  }

  /** The bytes of a field, in a new array. */
  byte[] take(long offset, int count, String what) {
    if (offset < 0 || offset > length() - count) {
      throw fault(
          offset,
          "the end of the file at byte " + length(),
          what + " of " + count + " bytes",
          FETCH_AGAIN);
    }
    if (offset < windowStart || offset + count > windowStart + window.length) {
      windowStart = offset;
      window = bytes.read(offset, (int) Math.min(Math.max(WINDOW, count), length() - offset));
    }
    int from = (int) (offset - windowStart);
    return Arrays.copyOfRange(window, from, from + count);
  }

  String text(long offset, int count, String what) {
    return new String(take(offset, count, what), StandardCharsets.ISO_8859_1);
  }

  /** Two bytes, the less significant first, without a sign. */
  int int16(long offset, String what) {
    return little(offset, 2, what).getShort() & 0xFFFF;
  }

  /** Four bytes, the least significant first, without a sign. */
  long int32(long offset, String what) {
    return little(offset, 4, what).getInt() & 0xFFFFFFFFL;
  }

  /** Four bytes, the most significant first, without a sign. */
  long int32BigEndian(long offset, String what) {
    return ByteBuffer.wrap(take(offset, 4, what)).getInt() & 0xFFFFFFFFL;
  }

  /** Eight bytes, the least significant first; refused where they do not fit into a long. */
  long int64(long offset, String what) {
    long value = little(offset, 8, what).getLong();
    if (value < 0) {
      throw fault(
          offset, what + " = " + Long.toUnsignedString(value), "less than 2^63", FETCH_AGAIN);
    }
    return value;
  }

  private ByteBuffer little(long offset, int count, String what) {
    return ByteBuffer.wrap(take(offset, count, what)).order(ByteOrder.LITTLE_ENDIAN);
  }

  MalformedFileException fault(long offset, String found, String expected, String remedy) {
    return new MalformedFileException(file, offset, found, expected, remedy);
  }

  /** Bytes of a number, the least significant first, as messages show them: {@code 1f 8b}. */
  static String hex(long value, int bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes; i++) {
      text.append(i == 0 ? "" : " ").append("%02x".formatted(value >>> 8 * i & 0xFF));
    }
    return text.toString();
  }

  /** Bytes as text where they can be read, for a message. */
  static String shown(byte[] bytes) {
    StringBuilder text = new StringBuilder("\"");
    for (byte b : bytes) {
      text.append(b >= ' ' && b < 127 ? String.valueOf((char) b) : "\\x%02x".formatted(b));
    }
    return text.append('"').toString();
  }
}
