package org.megalab.plot;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;

/** Reads columns of tables by name. */
final class Columns {
  private Columns() {}

  /**
   * The values of a numeric column, NaN where one is missing.
   *
   * @throws IllegalArgumentException if there is no such column
   */
  static double[] numbers(Table table, String column) {
    if (!table.containsColumn(column)
        || !(table.column(column) instanceof NumericColumn<?> numbers)) {
      throw missing(table, column, "numeric");
    }
    return IntStream.range(0, table.rowCount()).mapToDouble(numbers::getDouble).toArray();
  }

  /** The values of a numeric column, all NaN where there is none. */
  static double[] numbersIfAny(Table table, String column) {
    if (!table.containsColumn(column)) {
      double[] none = new double[table.rowCount()];
      Arrays.fill(none, Double.NaN);
      return none;
    }
    return numbers(table, column);
  }

  /**
   * The values of a column as texts, empty where one is missing.
   *
   * @throws IllegalArgumentException if there is no such column
   */
  static List<String> texts(Table table, String column) {
    if (!table.containsColumn(column)) {
      throw missing(table, column, "text");
    }
    return IntStream.range(0, table.rowCount())
        .mapToObj(row -> table.column(column).getString(row))
        .toList();
  }

  private static IllegalArgumentException missing(Table table, String column, String kind) {
    return new IllegalArgumentException(
        "the table has no %s column '%s'; it has %s; draw the table of the evaluation as it is"
            .formatted(kind, column, table.columnNames()));
  }
}
