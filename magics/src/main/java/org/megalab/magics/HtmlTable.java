package org.megalab.magics;

import java.util.Locale;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A Tablesaw table as HTML: its name, a header, and at most some rows from its beginning and end.
 */
final class HtmlTable {

  private static final int ROWS = 30;

  private HtmlTable() {}

  static String of(Table table) {
    StringBuilder html = new StringBuilder("<table><caption>");
    html.append(escape(table.name())).append("</caption><thead><tr>");
    for (Column<?> column : table.columns()) {
      html.append("<th>").append(escape(column.name())).append("</th>");
    }
    html.append("</tr></thead><tbody>");
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
      for (Column<?> column : table.columns()) {
        boolean number = column instanceof NumericColumn;
        html.append(number ? "<td style='text-align:right'>" : "<td style='text-align:left'>")
            .append(escape(cell(column, row)))
            .append("</td>");
      }
      html.append("</tr>");
    }
    return html.append("</tbody></table>").toString();
  }

  private static String cell(Column<?> column, int row) {
    if (column.isMissing(row)) {
      return "";
    }
    Object value = column.get(row);
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      double size = Math.abs(number);
      return number == Math.rint(number) && size < 1e7
          ? String.format(Locale.ROOT, "%.1f", number)
          : String.format(Locale.ROOT, size >= 1e-3 && size < 1e7 ? "%.4f" : "%.3e", number);
    } else if (value instanceof Long || value instanceof Integer) {
      return String.format(Locale.ROOT, "%,d", ((Number) value).longValue());
    }
    return String.valueOf(value);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
