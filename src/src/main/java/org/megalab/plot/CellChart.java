package org.megalab.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.TextLayout;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;

/**
 * The drawing of a {@link HeatMap}: panels of square cells in a row, and the scale at the right.
 */
final class CellChart extends XYChart {
  private static final int LEFT = 70;
  private static final int TOP = 68;
  private static final int RIGHT = 96;
  private static final int BOTTOM = 62;
  private static final int GAP = 34;
  private static final int WIDTH = 900;
  private static final int LARGEST = 380;

  private final List<HeatMap.Panel> panels;
  private final double low;
  private final double high;

  CellChart(List<HeatMap.Panel> panels, double low, double high) {
    super(width(panels), height(panels));
    this.panels = List.copyOf(panels);
    this.low = low;
    this.high = high;
    Style.apply(getStyler());
  }

  /** The side of a panel's longer edge that lets all panels stand in the usual width. */
  private static double side(List<HeatMap.Panel> panels) {
    int count = Math.max(1, panels.size());
    return Math.min(LARGEST, (WIDTH - LEFT - RIGHT - (count - 1.0) * GAP) / count);
  }

  private static double cell(List<HeatMap.Panel> panels) {
    HeatMap.Panel panel = panels.get(0);
    return side(panels) / Math.max(panel.columns(), panel.rows());
  }

  private static int width(List<HeatMap.Panel> panels) {
    if (panels.isEmpty()) {
      return WIDTH;
    }
    double each = cell(panels) * panels.get(0).columns() + GAP;
    return (int) Math.max(420, LEFT + panels.size() * each - GAP + RIGHT);
  }

  private static int height(List<HeatMap.Panel> panels) {
    return (int) (TOP + BOTTOM + (panels.isEmpty() ? 200 : cell(panels) * panels.get(0).rows()));
  }

  @Override
  public void paint(Graphics2D graphics, int width, int height) {
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    fill(graphics, new Rectangle2D.Double(0, 0, width, height), Style.PLATE);
    text(graphics, getTitle(), width / 2.0, 30, 15, true, 0.5);
    if (panels.isEmpty()) {
      text(graphics, "no data", width / 2.0, height / 2.0, 15, false, 0.5);
      return;
    }
    int rows = panels.get(0).rows();
    int columns = panels.get(0).columns();
    double across = width - LEFT - RIGHT - (panels.size() - 1.0) * GAP;
    double down = height - TOP - BOTTOM;
    double cell = Math.max(0.01, Math.min(across / panels.size() / columns, down / rows));
    for (int i = 0; i < panels.size(); i++) {
      double x = LEFT + i * (cell * columns + GAP);
      paintPanel(graphics, panels.get(i), x, cell);
      paintTicks(graphics, x, cell, rows, columns, i == 0);
      text(graphics, getXAxisTitle(), x + cell * columns / 2, TOP + cell * rows + 44, 13, 0.5);
    }
    AffineTransform upright = graphics.getTransform();
    graphics.rotate(-Math.PI / 2, 24, TOP + cell * rows / 2);
    text(graphics, getYAxisTitle(), 24, TOP + cell * rows / 2, 13, 0.5);
    graphics.setTransform(upright);
    double end = LEFT + panels.size() * (cell * columns + GAP) - GAP;
    paintScale(graphics, end + 22, cell * rows);
  }

  private void paintPanel(Graphics2D graphics, HeatMap.Panel panel, double x, double cell) {
    double width = cell * panel.columns();
    double height = cell * panel.rows();
    text(graphics, panel.name(), x + width / 2, TOP - 10, 13, 0.5);
    fill(graphics, edges(x - 1, TOP - 1, x + width + 1, TOP + height + 1), Style.FRAME);
    double line = cell >= 12 ? 1 : 0; // cells that are large enough stand apart
    for (int row = 0; row < panel.rows(); row++) {
      for (int column = 0; column < panel.columns(); column++) {
        double left = x + column * cell;
        double top = TOP + row * cell;
        Rectangle2D square = edges(left, top, left + cell - line, top + cell - line);
        fill(graphics, square, color(panel.get(row, column)));
      }
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
      return Style.GRID;
    }
    double strength = high > low ? (value - low) / (high - low) : 1;
    return Style.pale(Style.color(0), Math.max(0, Math.min(1, strength)));
  }

  private static void paintTicks(
      Graphics2D graphics, double x, double cell, int rows, int columns, boolean withRows) {
    for (int column = 0; column < columns; column += step(columns, cell, 36)) {
      String number = String.valueOf(column);
      text(graphics, number, x + (column + 0.5) * cell, TOP + rows * cell + 20, 12, 0.5);
    }
    for (int row = 0; withRows && row < rows; row += step(rows, cell, 24)) {
      text(graphics, String.valueOf(row), x - 9, TOP + (row + 0.5) * cell + 4, 12, 1);
    }
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
      String number = String.format(Locale.ENGLISH, "%.3g", value);
      text(graphics, shortened(number), x + 19, TOP + height * i / 2 + 4, 12, 0);
    }
  }

  private static String shortened(String number) {
    return number.contains(".") && !number.contains("e")
        ? number.replaceAll("\\.?0+$", "")
        : number;
  }

  static void fill(Graphics2D graphics, Rectangle2D area, Color color) {
    graphics.setColor(color);
    graphics.fill(area);
  }

  static void text(
      Graphics2D graphics, String text, double x, double baseline, int size, double anchor) {
    text(graphics, text, x, baseline, size, false, anchor);
  }

  /** Outlines of a text whose point {@code anchor}, 0 left and 1 right, is at x. */
  static void text(
      Graphics2D graphics,
      String text,
      double x,
      double baseline,
      int size,
      boolean bold,
      double anchor) {
    if (!text.isEmpty()) {
      TextLayout layout =
          new TextLayout(text, Style.font(size, bold), graphics.getFontRenderContext());
      double left = x - anchor * layout.getAdvance();
      graphics.setColor(size <= 12 ? Style.MUTED : Style.TEXT);
      graphics.fill(layout.getOutline(AffineTransform.getTranslateInstance(left, baseline)));
    }
  }
}
