package org.megalab.data.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * An array of NumPy's format {@code npy}, read item by item where it lies.
 *
 * <p>An item is a slice along the first dimension: for an array of 100 × 12288 bytes, item 7 is
 * bytes 7 · 12288 to 8 · 12288 − 1 of the data. Versions 1 to 3 of the format are read. The order
 * must be C's: an array in Fortran's order runs over its first index fastest, so that an item is
 * scattered over the whole file.
 */
public final class NpyFile {
  private final String file;
  private final Type type;
  private final List<Integer> shape;
  private final Document bytes;
  private final long start;
  private final long length;

  /** What an element is. */
  public enum Type {
    /** Bytes without a sign. */
    UINT8("|u1", 1),
    /** Integers of four bytes. */
    INT32("<i4", 4),
    /** Integers of eight bytes. */
    INT64("<i8", 8),
    /** Floating point of four bytes. */
    FLOAT32("<f4", 4),
    /** Floating point of eight bytes. */
    FLOAT64("<f8", 8);

    private final String code;
    private final int bytes;

    Type(String code, int bytes) {
      this.code = code;
      this.bytes = bytes;
    }

    /** What the header calls it. */
    String code() {
      return code;
    }

    /** Returns the bytes of an element. */
    public int bytes() {
      return bytes;
    }
  }

  private NpyFile(Fields fields) {
    file = fields.file();
    NpyHeader header = NpyHeader.read(fields);
    type = header.type();
    shape = header.shape();
    start = header.start();
    bytes = fields.bytes();
    length = header.length();
  }

  /**
   * Opens an array.
   *
   * @throws MalformedFileException if it is none, of another type or order, or cut off
   * @throws IllegalArgumentException if there is no such file
   */
  public static NpyFile open(Path path) {
    return new NpyFile(Fields.of(path));
  }

  /** Opens an array that is a member of an archive. */
  static NpyFile open(String file, Document bytes) {
    return new NpyFile(new Fields(file, bytes));
  }

  /** Returns what an element is. */
  public Type type() {
    return type;
  }

  /** Returns the dimensions; none for a single number. */
  public List<Integer> shape() {
    return shape;
  }

  /** Returns the number of items, the first dimension; 1 for a single number. */
  public int size() {
    return shape.isEmpty() ? 1 : shape.get(0);
  }

  /** Returns the elements of an item. */
  public long itemLength() {
    return itemBytes() / type.bytes;
  }

  private long itemBytes() {
    return size() == 0 ? 0 : length / size();
  }

  /** Returns the place in the file, or the member, where an item begins. */
  public long offset(int item) {
    return start + item * itemBytes();
  }

  /** Returns the file, and the member where it is an archive's. */
  public String file() {
    return file;
  }

  /**
   * Reads an item of bytes.
   *
   * @throws IllegalStateException if the elements are no bytes
   * @throws IndexOutOfBoundsException if there is no such item
   */
  public byte[] bytes(int item) {
    if (type != Type.UINT8) {
      throw new IllegalStateException(file + " holds " + type + ", not UINT8; use numbers");
    }
    check(item, 1);
    return bytes.read(offset(item), (int) itemBytes());
  }

  /**
   * Reads all elements of {@code count} items as numbers.
   *
   * @throws IndexOutOfBoundsException if there are no such items
   */
  public double[] numbers(int item, int count) {
    check(item, count);
    ByteBuffer bytes = buffer(item, count);
    double[] numbers = new double[bytes.limit() / type.bytes];
    Arrays.setAll(
        numbers,
        i ->
            switch (type) {
              case UINT8 -> bytes.get(i) & 0xFF;
              case INT32 -> bytes.getInt(4 * i);
              case INT64 -> bytes.getLong(8 * i);
              case FLOAT32 -> bytes.getFloat(4 * i);
              case FLOAT64 -> bytes.getDouble(8 * i);
            });
    return numbers;
  }

  /**
   * Reads all elements of {@code count} items as integers.
   *
   * @throws IllegalStateException if the elements are no integers
   * @throws IndexOutOfBoundsException if there are no such items
   */
  public long[] integers(int item, int count) {
    check(item, count);
    ByteBuffer bytes = buffer(item, count);
    long[] integers = new long[bytes.limit() / type.bytes];
    for (int i = 0; i < integers.length; i++) {
      integers[i] =
          switch (type) {
            case UINT8 -> bytes.get(i) & 0xFF;
            case INT32 -> bytes.getInt(4 * i);
            case INT64 -> bytes.getLong(8 * i);
            case FLOAT32, FLOAT64 ->
                throw new IllegalStateException(
                    file + " holds " + type + ", no integers; use numbers");
          };
    }
    return integers;
  }

  private ByteBuffer buffer(int item, int count) {
    int n = Math.toIntExact(count * itemBytes());
    return ByteBuffer.wrap(bytes.read(offset(item), n)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void check(int item, int count) {
    if (item < 0 || count < 0 || item > size() - count) {
      throw new IndexOutOfBoundsException(
          "%s: items %d to %d were asked for; there are %d"
              .formatted(file, item, (long) item + count - 1, size()));
    }
  }
}
