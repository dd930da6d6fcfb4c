package org.megalab.data.file;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * An array of bytes in the IDX format of MNIST, plain or gzipped, read item by item.
 *
 * <pre>
 * 0  0  0x08  D  n_1 … n_D  data            n_i four bytes, the most significant first
 * </pre>
 *
 * <p>D dimensions, n_1 items. A gzipped file is unpacked once into a temporary file; its checksum
 * and its length are compared before anything is read from it.
 */
public final class IdxFile {
  private static final int UNSIGNED_BYTE = 8;
  private static final int MOST_DIMENSIONS = 8;

  private final String file;
  private final List<Integer> shape;
  private final Document data;
  private final int start;

  private record Header(List<Integer> shape, long length) {
    int start() {
      return 4 + 4 * shape.size();
    }
  }

  private IdxFile(String file, Header header, Document bytes) {
    this.file = file;
    this.shape = header.shape;
    this.start = header.start();
    this.data = bytes.part(file, start, header.length);
  }

  /**
   * Opens a file; whether it is gzipped is seen from its first bytes.
   *
   * @throws MalformedFileException if it is no IDX file of bytes, or is cut off or damaged
   * @throws IllegalArgumentException if there is no such file
   */
  public static IdxFile open(Path path) {
    Fields fields = Fields.of(path);
    if (fields.int16(0, "the magic") == GZIPInputStream.GZIP_MAGIC) {
      fields = new Fields(fields.file() + " (decompressed)", Document.gzip(path));
    }
    Header header = header(fields);
    if (header.start() + header.length != fields.length()) {
      throw fields.fault(
          header.start(),
          "%d bytes of data".formatted(fields.length() - header.start()),
          "%d for the shape %s".formatted(header.length, header.shape),
          Fields.FETCH_AGAIN);
    }
    return new IdxFile(fields.file(), header, fields.bytes());
  }

  private static Header header(Fields fields) {
    byte[] magic = fields.take(0, 4, "the magic");
    if (magic[0] != 0 || magic[1] != 0) {
      throw fields.fault(0, Fields.shown(magic), "\"\\x00\\x00\\x08\"", "this is no IDX file");
    }
    if (magic[2] != UNSIGNED_BYTE) {
      throw fields.fault(
          2, "the type 0x%02x".formatted(magic[2]), "0x08, bytes", "convert the file to bytes");
    }
    if (magic[3] < 1 || magic[3] > MOST_DIMENSIONS) {
      throw fields.fault(
          3, magic[3] + " dimensions", "1 to " + MOST_DIMENSIONS, Fields.FETCH_AGAIN);
    }
    List<Integer> shape = new ArrayList<>();
    long length = 1;
    for (int d = 0; d < magic[3]; d++) {
      long n = fields.int32BigEndian(4 + 4L * d, "dimension " + d);
      if (n < 1 || n > Integer.MAX_VALUE || length > Long.MAX_VALUE / (2 * n)) {
        throw fields.fault(4 + 4L * d, "a dimension of " + n, "1 to 2^31 − 1", Fields.FETCH_AGAIN);
      }
      shape.add((int) n);
      length *= n;
    }
    if (length / shape.get(0) > Integer.MAX_VALUE) {
      throw fields.fault(
          4, "items of " + length / shape.get(0) + " bytes", "less than 2^31", Fields.FETCH_AGAIN);
    }
    return new Header(List.copyOf(shape), length);
  }

  /** Returns the dimensions. */
  public List<Integer> shape() {
    return shape;
  }

  /** Returns the number of items, the first dimension. */
  public int size() {
    return shape.get(0);
  }

  /** Returns the bytes of an item. */
  public int itemLength() {
    return (int) (data.length() / size());
  }

  /** Returns the place in the unpacked file where an item begins. */
  public long offset(int item) {
    return start + (long) item * itemLength();
  }

  /** Returns the file. */
  public String file() {
    return file;
  }

  /** Returns the data behind the header. */
  public Document data() {
    return data;
  }

  /**
   * Reads an item.
   *
   * @throws IndexOutOfBoundsException if there is no such item
   */
  public byte[] item(int item) {
    if (item < 0 || item >= size()) {
      throw new IndexOutOfBoundsException(
          file + ": there is no item " + item + "; there are " + size());
    }
    return data.read((long) item * itemLength(), itemLength());
  }
}
