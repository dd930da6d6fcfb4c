package org.megalab.data.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A table in tab-separated values (IANA text/tab-separated-values), read at any row.
 *
 * <p>A line, which {@code \n} or {@code \r\n} ends, is a row; tabs separate its cells, and nothing
 * is quoted: a cell holds neither tabs nor line ends. Every row has as many cells as the first. The
 * file is read once when it is opened, which finds every fault; in memory remain eight bytes a row.
 * A file that ends in {@code .gz} is decompressed into a temporary file.
 */
public final class TsvFile {
  private final Document file;
  private final Index index;

  /**
   * A row as it is read.
   *
   * @param file the file, and the line of it
   * @param index from 0 on, the header not counted
   * @param offset the row's first byte
   * @param cells its cells
   */
  public record Row(String file, int index, long offset, List<byte[]> cells) {

    /** Returns a cell as text. */
    public String text(int column) {
      return new String(cells.get(column), UTF_8);
    }

    /** Returns what to throw where a cell is not what it should be. */
    public MalformedFileException fault(int column, String expected) {
      byte[] cell = cells.get(column);
      String shown = Fields.shown(Arrays.copyOf(cell, Math.min(40, cell.length)));
      return new MalformedFileException(
          file,
          offset,
          "%s in column %d of row %d".formatted(shown, column, index),
          expected,
          Fields.FETCH_AGAIN);
    }
  }

  private TsvFile(Path path, Index index) {
    boolean gzip = String.valueOf(path.getFileName()).endsWith(".gz");
    file = gzip ? Document.gzip(path) : Document.file(path);
    this.index = index;
    try {
      TextLines.read(index.file, file, index::line);
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": it cannot be read: " + e, e);
    }
    if (index.rows == 0) {
      throw new MalformedFileException(
          index.file, file.length(), "the end of the file", "at least one row", Fields.FETCH_AGAIN);
    }
    index.starts = Arrays.copyOf(index.starts, index.rows + 1);
    index.starts[index.rows] = file.length();
  }

  /**
   * Opens a table of text with all its columns.
   *
   * @param header whether the first line holds the columns' names
   * @throws MalformedFileException if it is not UTF-8, has no row, a row has another number of
   *     cells, or is damaged gzip; the message names file, line and offset
   * @throws IllegalArgumentException if there is no such file, or it is empty
   */
  public static TsvFile open(Path path, boolean header) {
    Index index = new Index(path, header, row -> {});
    index.text = true;
    return new TsvFile(path, index);
  }

  /**
   * Opens a table without a header, of whatever bytes.
   *
   * @param columns the number of cells of each row
   * @param check sees every row once, and throws if it is not as it should be
   * @throws MalformedFileException if a row has more or fewer cells, or there is none
   * @throws IllegalArgumentException if there is no such file, or it is empty
   */
  public static TsvFile open(Path path, int columns, Consumer<Row> check) {
    Index index = new Index(path, false, check);
    index.number(columns);
    return new TsvFile(path, index);
  }

  /**
   * Opens a table with a header, and takes the columns that it names in the order given.
   *
   * @throws MalformedFileException if it names no such column, a row has more or fewer cells than
   *     the header, or there is no row
   * @throws IllegalArgumentException if there is no such file, or it is empty
   */
  public static TsvFile open(Path path, List<String> columns, Consumer<Row> check) {
    Index index = new Index(path, true, check);
    index.columns = List.copyOf(columns);
    return new TsvFile(path, index);
  }

  /** Returns the number of rows, without the header. */
  public int size() {
    return index.rows;
  }

  /** Returns the names of the columns; without a header, their numbers from 0 on. */
  public List<String> columns() {
    return index.columns;
  }

  /**
   * Reads a row.
   *
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public Row row(int row) {
    if (row < 0 || row >= size()) {
      throw new IndexOutOfBoundsException(
          "%s: there is no row %d; there are %d".formatted(index.file, row, size()));
    }
    return index.row(row, index.starts[row], cells(row));
  }

  private List<byte[]> cells(int row) {
    long offset = index.starts[row];
    byte[] line = file.read(offset, (int) (index.starts[row + 1] - offset));
    int length = line.length;
    length -= length > 0 && line[length - 1] == '\n' ? 1 : 0;
    return cells(line, length);
  }

  /**
   * The cells of a column as documents, without those that are empty; {@code file.tsv#12} is the
   * one of row 12.
   *
   * @throws IndexOutOfBoundsException if there is no such column
   */
  public List<Document> documents(int column) {
    if (column < 0 || column >= columns().size()) {
      throw new IndexOutOfBoundsException(
          "%s: there is no column %d; the columns are %s".formatted(index.file, column, columns()));
    }
    int place = index.order[column];
    return new Column(
        place, IntStream.range(0, size()).filter(r -> cells(r).get(place).length > 0).toArray());
  }

  private static List<byte[]> cells(byte[] line, int length) {
    int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
    List<byte[]> cells = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= end; i++) {
      if (i == end || line[i] == '\t') {
        cells.add(Arrays.copyOfRange(line, from, i));
        from = i + 1;
      }
    }
    return cells;
  }

  private final class Column extends AbstractList<Document> implements RandomAccess {
    private final int place;
    private final int[] rows;

    Column(int place, int[] rows) {
      this.place = place;
      this.rows = rows;
    }

    @Override
    public Document get(int i) {
      List<byte[]> cells = cells(rows[i]);
      long start = index.starts[rows[i]];
      for (byte[] before : cells.subList(0, place)) {
        start += before.length + 1;
      }
      return file.part(file.name() + "#" + rows[i], start, cells.get(place).length);
    }

    @Override
    public int size() {
      return rows.length;
    }
  }

  /** Checks every row and notes where it begins. */
  private static final class Index {
    private final String file;
    private final boolean header;
    private final Consumer<Row> check;
    private boolean text;
    private List<String> columns = List.of();
    private int[] order = {}; // where the columns stand in the file
    private int width;
    private long[] starts = new long[1024]; // of every row, and of the end
    private int rows;

    Index(Path path, boolean header, Consumer<Row> check) {
      this.file = path.toAbsolutePath().toString();
      this.header = header;
      this.check = check;
    }

    /** Takes all columns, by their numbers. */
    void number(int count) {
      width = count;
      order = IntStream.range(0, count).toArray();
      columns = Arrays.stream(order).mapToObj(String::valueOf).toList();
    }

    Row row(int index, long offset, List<byte[]> cells) {
      List<byte[]> taken = Arrays.stream(order).mapToObj(cells::get).toList();
      return new Row("%s, line %d".formatted(file, index + (header ? 2 : 1)), index, offset, taken);
    }

    void line(TextLines.Line line) {
      if (text) {
        line.text(); // refuses what is not UTF-8
      }
      List<byte[]> cells = cells(line.bytes(), line.length());
      if (line.number() == 1 && header) {
        names(line, cells.stream().map(cell -> new String(cell, UTF_8)).toList());
        return;
      }
      if (rows == 0 && width == 0) {
        number(cells.size());
      }
      if (cells.size() != width) {
        throw line.fault(
            cells.size() + " cells",
            width + " cells, as in every row",
            "separate cells by one tab, and have none within a cell");
      }
      if (rows + 1 == starts.length) {
        starts = Arrays.copyOf(starts, 2 * starts.length);
      }
      starts[rows] = line.offset();
      check.accept(row(rows, line.offset(), cells));
      rows++;
    }

    private void names(TextLines.Line line, List<String> names) {
      columns = columns.isEmpty() ? names : columns;
      order = columns.stream().mapToInt(names::indexOf).toArray();
      width = names.size();
      if (Arrays.stream(order).anyMatch(place -> place < 0)) {
        throw line.fault(
            "the columns " + names, "the columns " + columns, "check which file this is");
      }
    }
  }
}
