package org.megalab.magics;

import java.util.Locale;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A Tablesaw table as HTML: its name, a header, and at most some rows from its beginning and end.
 * The fractions of a column have the same number of decimals: as many as its values need, at most
 * four.
 */
final class HtmlTable {

  private static final int ROWS = 30;
  private static final int DECIMALS = 4;

  private HtmlTable() {}

  static String of(Table table) {
    StringBuilder html =
        new StringBuilder("<table><caption style='white-space:nowrap;text-align:left'>")
            .append(escape(table.name()))
            .append("</caption><thead><tr>");
    for (Column<?> column : table.columns()) {
      cell(html, "th", column, column.name());
    }
    html.append("</tr></thead><tbody>");
    int[] decimals = table.columns().stream().mapToInt(HtmlTable::decimals).toArray();
    int rows = table.rowCount();
    for (int row = 0; row < rows; row++) {
      if (rows > ROWS && row == ROWS / 2) {
        int left = rows - ROWS;
        html.append("<tr><td colspan='")
            .append(table.columnCount())
            .append("' style='text-align:center'>")
            .append(String.format(Locale.ROOT, "… %,d rows …", left))
            .append("</td></tr>");
        row += left;
      }
      html.append("<tr>");
      for (int i = 0; i < decimals.length; i++) {
        cell(html, "td", table.column(i), text(table.column(i), row, decimals[i]));
      }
      html.append("</tr>");
    }
    return html.append("</tbody></table>").toString();
  }

  private static void cell(StringBuilder html, String tag, Column<?> column, String text) {
    String side = column instanceof NumericColumn ? "right" : "left";
    html.append("<%s style='text-align:%s'>%s</%s>".formatted(tag, side, escape(text), tag));
  }

  /** The decimals that show all of a column's values without loss, at least 1, at most 4. */
  private static int decimals(Column<?> column) {
    int decimals = 1;
    for (int row = 0; row < column.size() && decimals < DECIMALS; row++) {
      if (!column.isMissing(row) && column.get(row) instanceof Number value) {
        double number = value.doubleValue();
        while (decimals < DECIMALS && Math.abs(remainder(number, decimals)) > 1e-9) {
          decimals++;
        }
      }
    }
    return decimals;
  }

  private static double remainder(double number, int decimals) {
    double scaled = number * Math.pow(10, decimals);
    return scaled - Math.rint(scaled);
  }

  private static String text(Column<?> column, int row, int decimals) {
    if (column.isMissing(row)) {
      return "";
    }
    Object value = column.get(row);
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      double size = Math.abs(number);
      return number == 0 || size >= 1e-3 && size < 1e7
          ? String.format(Locale.ROOT, "%." + decimals + "f", number)
          : String.format(Locale.ROOT, "%.3e", number);
    } else if (value instanceof Long || value instanceof Integer) {
      return String.format(Locale.ROOT, "%,d", ((Number) value).longValue());
    }
    return String.valueOf(value);
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
