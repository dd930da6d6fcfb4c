package org.megalab.data.media;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.megalab.data.Document;

/**
 * A table of cells between tabs, one row a line, read row by row where it lies.
 *
 * <p>Opening it reads the file once in constant memory and keeps the place of each row, 8 bytes
 * each. Lines end with {@code \n} or {@code \r\n}. Quotation marks mean nothing.
 */
public final class TsvFile {
  private static final int LONGEST_ROW = 1 << 26;

  private final String file;
  private final Document bytes;
  private final int[] order;
  private final long[] places;

  /**
   * A row as it is read.
   *
   * @param file the file
   * @param index from 0 on, the header not counted
   * @param offset the row's first byte
   * @param cells its cells
   */
  public record Row(String file, int index, long offset, List<byte[]> cells) {

    /** Returns a cell as text. */
    public String text(int column) {
      return new String(cells.get(column), StandardCharsets.UTF_8);
    }

    /** Returns what to throw where a cell is not what it should be. */
    public MalformedFileException fault(int column, String expected) {
      return new MalformedFileException(
          file,
          offset,
          "%s in column %d of row %d"
              .formatted(
                  Fields.shown(
                      Arrays.copyOf(cells.get(column), Math.min(40, cells.get(column).length))),
                  column,
                  index),
          expected,
          Fields.FETCH_AGAIN);
    }
  }

  private TsvFile(Path path, List<String> header, int columns, Consumer<Row> check) {
    bytes = Document.file(path);
    file = path.toAbsolutePath().toString();
    order = new int[columns];
    Arrays.setAll(order, c -> c);
    Index index = new Index(header, check);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
      index.read(in);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": it cannot be read: " + e, e);
    }
    places = index.places();
    if (size() == 0) {
      throw new MalformedFileException(
          file, bytes.length(), "the end of the file", "at least one row", Fields.FETCH_AGAIN);
    }
  }

  /**
   * Opens a table without a header.
   *
   * @param columns the number of cells of each row
   * @param check sees every row once, and throws if it is not as it should be
   * @throws MalformedFileException if a row has more or fewer cells, or there is none
   * @throws IllegalArgumentException if there is no such file
   */
  public static TsvFile open(Path path, int columns, Consumer<Row> check) {
    return new TsvFile(path, List.of(), columns, check);
  }

  /**
   * Opens a table with a header, and takes the columns that it names in the order given.
   *
   * @throws MalformedFileException if it names no such column, a row has more or fewer cells than
   *     the header, or there is no row
   * @throws IllegalArgumentException if there is no such file
   */
  public static TsvFile open(Path path, List<String> columns, Consumer<Row> check) {
    return new TsvFile(path, columns, columns.size(), check);
  }

  /** Returns the number of rows, without the header. */
  public int size() {
    return places.length - 1;
  }

  /**
   * Reads a row.
   *
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public Row row(int index) {
    if (index < 0 || index >= size()) {
      throw new IndexOutOfBoundsException(
          file + ": there is no row " + index + "; there are " + size());
    }
    long offset = places[index];
    byte[] line = bytes.read(offset, (int) (places[index + 1] - offset));
    return row(index, offset, cells(line, stripped(line)));
  }

  private Row row(int index, long offset, List<byte[]> cells) {
    return new Row(file, index, offset, Arrays.stream(order).mapToObj(cells::get).toList());
  }

  /** The length of a line without its end. */
  private static int stripped(byte[] line) {
    int length = line.length;
    if (length > 0 && line[length - 1] == '\n') {
      length--;
    }
    return length > 0 && line[length - 1] == '\r' ? length - 1 : length;
  }

  private static List<byte[]> cells(byte[] line, int length) {
    List<byte[]> cells = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= length; i++) {
      if (i == length || line[i] == '\t') {
        cells.add(Arrays.copyOfRange(line, from, i));
        from = i + 1;
      }
    }
    return cells;
  }

  /** Walks the file once. */
  private final class Index {
    private final List<String> header;
    private final Consumer<Row> check;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long[] places = new long[1024];
    private int rows;
    private long offset;
    private int width;
    private boolean headerRead;

    Index(List<String> header, Consumer<Row> check) {
      this.header = header;
      this.check = check;
      this.headerRead = header.isEmpty();
      this.width = order.length;
    }

    long[] places() {
      long[] all = Arrays.copyOf(places, rows + 1);
      all[rows] = offset;
      return all;
    }

    void read(InputStream in) throws IOException {
      byte[] chunk = new byte[1 << 16];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        int from = 0;
        for (int i = 0; i < n; i++) {
          if (chunk[i] == '\n') {
            line.write(chunk, from, i + 1 - from);
            from = i + 1;
            end();
          }
        }
        line.write(chunk, from, n - from);
        if (line.size() > LONGEST_ROW) {
          throw new MalformedFileException(
              file,
              offset,
              "a line of more than " + LONGEST_ROW + " bytes",
              "rows of cells between tabs",
              "check which file this is");
        }
      }
      if (line.size() > 0) {
        end();
      }
    }

    private void end() {
      byte[] bytes = line.toByteArray();
      List<byte[]> cells = cells(bytes, stripped(bytes));
      if (!headerRead) {
        header(cells);
      } else {
        if (cells.size() != width) {
          throw new MalformedFileException(
              file,
              offset,
              "%d cells in row %d".formatted(cells.size(), rows),
              width + " cells between tabs",
              Fields.FETCH_AGAIN);
        }
        if (rows + 1 == places.length) {
          places = Arrays.copyOf(places, 2 * places.length);
        }
        places[rows] = offset;
        check.accept(row(rows, offset, cells));
        rows++;
      }
      offset += bytes.length;
      line.reset();
    }

    private void header(List<byte[]> cells) {
      List<String> names =
          cells.stream().map(cell -> new String(cell, StandardCharsets.UTF_8)).toList();
      for (int c = 0; c < order.length; c++) {
        order[c] = names.indexOf(header.get(c));
        if (order[c] < 0) {
          throw new MalformedFileException(
              file, 0, "the columns " + names, "the columns " + header, "check which file this is");
        }
      }
      width = names.size();
      headerRead = true;
    }
  }
}
