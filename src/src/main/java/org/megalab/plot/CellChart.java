package org.megalab.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.util.List;

/**
 * The drawing of a {@link HeatMap}: panels of square cells in a row, and the scale at the right.
 */
final class CellChart extends ThemedChart {
  private static final int LEFT = 70;
  private static final int TOP = 68;
  private static final int RIGHT = 96;
  private static final int BOTTOM = 62;
  private static final int GAP = 34;
  private static final int WIDTH = 900;
  private static final int LARGEST = 380;

  /**
   * What stands beside rows and columns, empty for their numbers, and whether values are written.
   */
  record Labels(List<String> rows, List<String> columns, boolean numbers) {
    int left() {
      int longest = rows.stream().mapToInt(String::length).max().orElse(0);
      return Math.max(LEFT, Math.min(260, 44 + 7 * longest));
    }

    String row(int row) {
      return rows.isEmpty() ? String.valueOf(row) : rows.get(row);
    }

    String column(int column) {
      return columns.isEmpty() ? String.valueOf(column) : columns.get(column);
    }
  }

  private final List<HeatMap.Panel> panels;
  private final double low;
  private final double high;
  private final Labels labels;

  CellChart(List<HeatMap.Panel> panels, double low, double high, Labels labels) {
    super(width(panels, labels.left()), height(panels, labels.left()));
    this.panels = List.copyOf(panels);
    this.labels = labels;
    this.low = low;
    this.high = high;
  }

  /** The side of a panel's longer edge that lets all panels stand in the usual width. */
  private static double side(List<HeatMap.Panel> panels, int left) {
    int count = Math.max(1, panels.size());
    return Math.min(LARGEST, (WIDTH - left - RIGHT - (count - 1.0) * GAP) / count);
  }

  private static double cell(List<HeatMap.Panel> panels, int left) {
    HeatMap.Panel panel = panels.get(0);
    return side(panels, left) / Math.max(panel.columns(), panel.rows());
  }

  private static int width(List<HeatMap.Panel> panels, int left) {
    if (panels.isEmpty()) {
      return WIDTH;
    }
    double each = cell(panels, left) * panels.get(0).columns() + GAP;
    return (int) Math.max(420, left + panels.size() * each - GAP + RIGHT);
  }

  private static int height(List<HeatMap.Panel> panels, int left) {
    return (int)
        (TOP + BOTTOM + (panels.isEmpty() ? 200 : cell(panels, left) * panels.get(0).rows()));
  }

  @Override
  void draw(Graphics2D graphics, int width, int height) {
    title(graphics, width);
    if (panels.isEmpty()) {
      writeNoData(graphics, width / 2.0, height / 2.0);
      return;
    }
    int rows = panels.get(0).rows();
    int columns = panels.get(0).columns();
    int left = labels.left();
    double across = width - left - RIGHT - (panels.size() - 1.0) * GAP;
    double down = height - TOP - BOTTOM;
    double cell = Math.max(0.01, Math.min(across / panels.size() / columns, down / rows));
    for (int i = 0; i < panels.size(); i++) {
      double x = left + i * (cell * columns + GAP);
      paintPanel(graphics, panels.get(i), x, cell);
      paintTicks(graphics, x, cell, rows, columns, i == 0);
      text(graphics, getXAxisTitle(), x + cell * columns / 2, TOP + cell * rows + 44, 13, 0.5);
    }
    AffineTransform upright = graphics.getTransform();
    graphics.rotate(-Math.PI / 2, 24, TOP + cell * rows / 2);
    text(graphics, getYAxisTitle(), 24, TOP + cell * rows / 2, 13, 0.5);
    graphics.setTransform(upright);
    double end = left + panels.size() * (cell * columns + GAP) - GAP;
    paintScale(graphics, end + 22, cell * rows);
  }

  private void paintPanel(Graphics2D graphics, HeatMap.Panel panel, double x, double cell) {
    double width = cell * panel.columns();
    double height = cell * panel.rows();
    text(graphics, panel.name(), x + width / 2, TOP - 10, 13, 0.5);
    fill(graphics, edges(x - 1, TOP - 1, x + width + 1, TOP + height + 1), theme().frame());
    double line = cell >= 12 ? 1 : 0; // cells that are large enough stand apart
    for (int row = 0; row < panel.rows(); row++) {
      for (int column = 0; column < panel.columns(); column++) {
        double left = x + column * cell;
        double top = TOP + row * cell;
        Rectangle2D square = edges(left, top, left + cell - line, top + cell - line);
        fill(graphics, square, color(panel.get(row, column)));
        if (labels.numbers) {
          paintNumber(graphics, panel.get(row, column), left, top, cell);
        }
      }
    }
  }

  private void paintNumber(
      Graphics2D graphics, double value, double left, double top, double cell) {
    String number = Double.isFinite(value) ? Format.within(high - low, value) : "no value";
    if (advance(graphics, number, 12) < cell - 4 && cell >= 20) {
      Color behind = color(value);
      boolean dark =
          Theme.contrast(theme().text(), behind) >= Theme.contrast(theme().plate(), behind);
      Color ink = dark ? theme().text() : theme().plate();
      write(graphics, number, left + cell / 2, top + cell / 2 + 4, 12, ink, 0.5);
    }
  }

  /** On whole pixels, so that neighbours leave no seam. */
  private static Rectangle2D edges(double left, double top, double right, double bottom) {
    double x = Math.rint(left);
    double y = Math.rint(top);
    return new Rectangle2D.Double(x, y, Math.rint(right) - x, Math.rint(bottom) - y);
  }

  private Color color(double value) {
    if (!Double.isFinite(value)) {
      return theme().grid();
    }
    double strength = high > low ? (value - low) / (high - low) : 1;
    return theme().pale(theme().color(0), Math.max(0, Math.min(1, strength)));
  }

  private void paintTicks(
      Graphics2D graphics, double x, double cell, int rows, int columns, boolean withRows) {
    for (int column = 0;
        column < columns;
        column += step(columns, cell, widest(graphics, columns))) {
      text(
          graphics,
          labels.column(column),
          x + (column + 0.5) * cell,
          TOP + rows * cell + 20,
          12,
          0.5);
    }
    for (int row = 0; withRows && row < rows; row += step(rows, cell, 24)) {
      text(
          graphics,
          cut(graphics, labels.row(row), 12, labels.left() - 44.0),
          x - 9,
          TOP + (row + 0.5) * cell + 4,
          12,
          1);
    }
  }

  /** The room that the names of columns need. */
  private double widest(Graphics2D graphics, int columns) {
    double widest = 24;
    for (int column = 0; column < columns; column++) {
      widest = Math.max(widest, advance(graphics, labels.column(column), 12));
    }
    return widest + 12;
  }

  /** The smallest of 1, 2, 4, 8, … that leaves as much room between numbers. */
  private static int step(int count, double cell, double room) {
    int step = 1;
    while (step < count && step * cell < room) {
      step *= 2;
    }
    return step;
  }

  private void paintScale(Graphics2D graphics, double x, double height) {
    int shades = 100;
    for (int i = 0; i < shades; i++) {
      double top = TOP + height * i / shades;
      double value = high - (high - low) * (i + 0.5) / shades;
      fill(graphics, new Rectangle2D.Double(x, top, 12, height / shades + 0.5), color(value));
    }
    for (int i = 0; i <= 2; i++) {
      double value = high - (high - low) * i / 2;
      text(graphics, Format.within(high - low, value), x + 19, TOP + height * i / 2 + 4, 12, 0);
    }
  }
}
