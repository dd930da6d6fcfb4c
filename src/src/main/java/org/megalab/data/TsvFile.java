package org.megalab.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * A table in tab-separated values (IANA text/tab-separated-values), read at any row.
 *
 * <p>A line is a row, tabs separate its fields, and nothing is quoted: a field holds neither tabs
 * nor line ends. Every row has as many fields as the first. The file is read once when it is
 * opened, which finds every fault; in memory remain eight bytes a row. A file that ends in {@code
 * .gz} is decompressed into a temporary file.
 */
public final class TsvFile {
  private final Document file;
  private final long[] starts; // of every row, and of the end
  private final List<String> columns;

  private TsvFile(Document file, long[] starts, List<String> columns) {
    this.file = file;
    this.starts = starts;
    this.columns = columns;
  }

  /**
   * Opens a table.
   *
   * @param header whether the first line holds the columns' names
   * @throws IllegalArgumentException if it is missing or empty, is not UTF-8, a row has another
   *     number of fields, or is damaged gzip; the message names file, line and offset
   */
  public static TsvFile open(Path path, boolean header) {
    Document file =
        String.valueOf(path.getFileName()).endsWith(".gz")
            ? Document.gzip(path)
            : Document.file(path);
    Index index = new Index(path, header);
    try {
      Lines lines = new Lines(path, index);
      byte[] chunk = new byte[1 << 16];
      for (long at = 0; at < file.length(); at += chunk.length) {
        int n = (int) Math.min(chunk.length, file.length() - at);
        file.read(at, chunk, 0, n);
        lines.write(chunk, 0, n);
      }
      lines.end();
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be read: " + e, e);
    }
    index.starts[index.rows] = file.length();
    return new TsvFile(file, Arrays.copyOf(index.starts, index.rows + 1), index.columns);
  }

  /** Number of rows, without the header. */
  public int rows() {
    return starts.length - 1;
  }

  /** Names of the columns; without a header, their numbers from 0 on. */
  public List<String> columns() {
    return columns;
  }

  /**
   * The fields of a row.
   *
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public List<String> row(int row) {
    return List.of(new String(bytes(row), UTF_8).split("\t", -1));
  }

  /**
   * The fields of a column as documents, without those that are empty; {@code file.tsv#12} is the
   * one of row 12.
   *
   * @throws IndexOutOfBoundsException if there is no such column
   */
  public List<Document> documents(int column) {
    if (column < 0 || column >= columns.size()) {
      throw new IndexOutOfBoundsException(
          "%s: there is no column %d; the columns are %s".formatted(file.name(), column, columns));
    }
    long[] places = new long[rows()];
    int count = 0;
    for (int row = 0; row < rows(); row++) {
      byte[] bytes = bytes(row);
      int[] field = field(bytes, column);
      if (field[1] > field[0]) {
        places[count++] = (long) row << 32 | field[0];
      }
    }
    return new Column(Arrays.copyOf(places, count), column);
  }

  private byte[] bytes(int row) {
    if (row < 0 || row >= rows()) {
      throw new IndexOutOfBoundsException(
          "%s: there is no row %d; there are %d".formatted(file.name(), row, rows()));
    }
    byte[] bytes = file.read(starts[row], (int) (starts[row + 1] - starts[row]));
    int length = bytes.length;
    length -= length > 0 && bytes[length - 1] == '\n' ? 1 : 0;
    length -= length > 0 && bytes[length - 1] == '\r' ? 1 : 0;
    return Arrays.copyOf(bytes, length);
  }

  /** Begin and end of a field. */
  private static int[] field(byte[] row, int column) {
    int begin = 0;
    for (int c = 0; c < column; begin++) {
      c += row[begin] == '\t' ? 1 : 0;
    }
    int end = begin;
    while (end < row.length && row[end] != '\t') {
      end++;
    }
    return new int[] {begin, end};
  }

  /** A place is the row and where in it the field begins. */
  private final class Column extends AbstractList<Document> implements RandomAccess {
    private final long[] places;
    private final int column;

    Column(long[] places, int column) {
      this.places = places;
      this.column = column;
    }

    @Override
    public Document get(int index) {
      int row = (int) (places[index] >>> 32);
      int[] field = field(bytes(row), column);
      return file.part(file.name() + "#" + row, starts[row] + field[0], field[1] - field[0]);
    }

    @Override
    public int size() {
      return places.length;
    }
  }

  /** Checks every row and notes where it begins. */
  private static final class Index implements Lines.Reader {
    private final Path path;
    private final boolean header;
    private long[] starts = new long[16];
    private int rows;
    private List<String> columns = List.of();

    Index(Path path, boolean header) {
      this.path = path;
      this.header = header;
    }

    @Override
    public void line(byte[] bytes, int length, long number, long offset) {
      Utf8Check utf8 = new Utf8Check();
      long wrong = Math.max(utf8.accept(bytes, 0, length), utf8.end());
      if (wrong >= 0) {
        throw Utf8Check.failure(path + ", line " + number, wrong, offset);
      }
      int fields = 1;
      for (int i = 0; i < length; i++) {
        fields += bytes[i] == '\t' ? 1 : 0;
      }
      if (number == 1) {
        columns = names(new String(bytes, 0, length, UTF_8).stripTrailing(), fields);
      } else if (fields != columns.size()) {
        throw Malformed.at(
            path + ", line " + number,
            offset,
            fields + " fields",
            columns.size() + ", as in the first line",
            "separate fields by one tab, and have none within a field");
      }
      if (number > 1 || !header) {
        if (rows + 1 == starts.length) {
          starts = Arrays.copyOf(starts, 2 * starts.length);
        }
        starts[rows++] = offset;
      }
    }

    private List<String> names(String first, int fields) {
      if (header) {
        return List.of(first.split("\t", -1));
      }
      List<String> numbers = new ArrayList<>();
      for (int i = 0; i < fields; i++) {
        numbers.add(String.valueOf(i));
      }
      return List.copyOf(numbers);
    }
  }
}
