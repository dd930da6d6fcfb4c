package org.megalab.data.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.megalab.data.Document;

/**
 * An array of NumPy's format {@code npy}, read item by item where it lies.
 *
 * <p>An item is a slice along the first dimension: for an array of 100 × 12288 bytes, item 7 is
 * bytes 7 · 12288 to 8 · 12288 − 1 of the data. Versions 1 to 3 of the format are read. The order
 * must be C's: an array in Fortran's order runs over its first index fastest, so that an item is
 * scattered over the whole file.
 */
public final class NpyFile {
  private static final String MAGIC = "\u0093NUMPY";
  private static final int LONGEST_HEADER = 1 << 16;
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\sL]*)\\)");

  private final String file;
  private final Type type;
  private final List<Integer> shape;
  private final Document data;
  private final long start;

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

    /** Returns the bytes of an element. */
    public int bytes() {
      return bytes;
    }
  }

  private NpyFile(Fields fields) {
    file = fields.file();
    String magic = fields.text(0, Math.min(6, (int) Math.min(6, fields.length())), "the magic");
    if (!magic.equals(MAGIC)) {
      throw fields.fault(
          0,
          Fields.shown(fields.take(0, magic.length(), "the magic")),
          "\"\\x93NUMPY\"",
          "save the array with numpy.save; pickles are not read");
    }
    int version = fields.take(6, 2, "the version")[0];
    int width = version == 1 ? 2 : 4;
    if (version < 1 || version > 3) {
      throw fields.fault(6, "version " + version, "version 1, 2 or 3", "save it with numpy.save");
    }
    long length = width == 2 ? fields.int16(8, "a length") : fields.int32(8, "a length");
    if (length > LONGEST_HEADER) {
      throw fields.fault(
          8, "a header of " + length + " bytes", "at most " + LONGEST_HEADER, Fields.FETCH_AGAIN);
    }
    start = 8L + width + length;
    String header = fields.text(8 + width, (int) length, "the header");
    type = type(fields, match(fields, header, TYPE, "'descr'"));
    if (match(fields, header, ORDER, "'fortran_order'").equals("True")) {
      throw fields.fault(
          10,
          "'fortran_order': True",
          "C order, in which an item lies in one piece",
          "save numpy.ascontiguousarray(array)");
    }
    shape = shape(fields, match(fields, header, SHAPE, "'shape'"));
    long promised = type.bytes;
    for (int n : shape) {
      promised = n == 0 ? 0 : promised > Long.MAX_VALUE / n ? Long.MAX_VALUE : promised * n;
    }
    if (promised != fields.length() - start) {
      throw fields.fault(
          start,
          "%d bytes of data".formatted(fields.length() - start),
          "%s for the shape %s of %s"
              .formatted(promised == Long.MAX_VALUE ? "2^63 or more" : promised, shape, type),
          Fields.FETCH_AGAIN);
    }
    data = new PartDocument(file, fields.bytes(), start, promised);
    if (itemBytes() > Integer.MAX_VALUE) {
      throw fields.fault(
          start, "items of " + itemBytes() + " bytes", "less than 2^31", "split the array");
    }
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

  private static String match(Fields fields, String header, Pattern pattern, String what) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw fields.fault(
          10,
          "a header without a readable " + what,
          "a dictionary of 'descr' (one type, no structure), 'fortran_order' and 'shape'",
          "save the array with numpy.save");
    }
    return matcher.group(1);
  }

  private static Type type(Fields fields, String code) {
    for (Type type : Type.values()) {
      if (code.equals(type.code) || (type == Type.UINT8 && code.endsWith("u1"))) {
        return type;
      }
    }
    throw fields.fault(
        10,
        "elements of type '" + code + "'",
        "one of |u1, <i4, <i8, <f4, <f8",
        "convert it with array.astype before saving");
  }

  private static List<Integer> shape(Fields fields, String text) {
    List<Integer> shape = new ArrayList<>();
    for (String n : text.replace("L", "").split(",", -1)) {
      if (!n.isBlank()) {
        String digits = n.strip();
        if (digits.length() > 10 || Long.parseLong(digits) > Integer.MAX_VALUE) {
          throw fields.fault(
              10,
              "a dimension of " + digits,
              "less than 2^31",
              "split the array or fetch it again");
        }
        shape.add(Integer.parseInt(digits));
      }
    }
    return List.copyOf(shape);
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
    return size() == 0 ? 0 : data.length() / size();
  }

  /** Returns the place in the file, or the member, where an item begins. */
  public long offset(int item) {
    return start + item * itemBytes();
  }

  /** Returns the data behind the header. */
  public Document data() {
    return data;
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
    return data.read(item * itemBytes(), (int) itemBytes());
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
    int bytes = Math.toIntExact(count * itemBytes());
    return ByteBuffer.wrap(data.read(item * itemBytes(), bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void check(int item, int count) {
    if (item < 0 || count < 0 || item > size() - count) {
      throw new IndexOutOfBoundsException(
          "%s: items %d to %d were asked for; there are %d"
              .formatted(file, item, (long) item + count - 1, size()));
    }
  }
}
