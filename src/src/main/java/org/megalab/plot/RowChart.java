package org.megalab.plot;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.List;

/** Rows one below the other, each with its name at the left and a label at the right. */
abstract class RowChart extends ThemedChart {
  static final int GAP = 10;
  static final int SIZE = 13;
  private static final int WIDTH = 900;
  private static final int ROW = 34;
  private static final int TOP = 56;
  private static final int BOTTOM = 48;

  /** A row; a heading has nothing but its name. */
  interface Row {
    String name();

    String label();

    boolean isHeading();

    boolean isDrawable();
  }

  /** Where things stand: what is drawn has {@code across} pixels from {@code left} on. */
  record Place(double left, double across, double top, double bottom, double middle) {}

  private final List<? extends Row> rows;

  RowChart(List<? extends Row> rows) {
    super(WIDTH, TOP + BOTTOM + Math.max(3, rows.size()) * ROW);
    this.rows = rows;
  }

  /** Draws what lies behind the rows, such as an axis, and returns nothing. */
  abstract void drawBehind(Graphics2D graphics, Place all);

  /**
   * Draws row i and returns where it ends.
   *
   * @param thick the height that it may take
   */
  abstract double drawRow(Graphics2D graphics, int i, Place place, double thick);

  /** Where a row's label begins, given where the row ends. */
  abstract double labelAt(double end, Place place);

  @Override
  final void draw(Graphics2D graphics, int width, int height) {
    title(graphics, width);
    if (rows.stream().noneMatch(Row::isDrawable)) {
      writeNoData(graphics, width / 2.0, height / 2.0);
      return;
    }
    double third = width / 3.0;
    double left = GAP + Math.min(third, widest(graphics, true)) + GAP;
    double across = width - left - GAP - Math.min(third, widest(graphics, false)) - GAP;
    double row = (double) (height - TOP - BOTTOM) / rows.size();
    double bottom = TOP + row * rows.size();
    drawBehind(graphics, new Place(left, across, TOP, bottom, TOP));
    for (int i = 0; i < rows.size(); i++) {
      double middle = TOP + (i + 0.5) * row;
      Place place = new Place(left, across, TOP, bottom, middle);
      double bold = rows.get(i).isHeading() ? 1.15 : 1;
      String name = cut(graphics, rows.get(i).name(), SIZE, third / bold);
      if (rows.get(i).isHeading()) {
        write(graphics, name, left - GAP, middle + 5, SIZE, true, theme().text(), 1);
        continue;
      }
      double end = rows.get(i).isDrawable() ? drawRow(graphics, i, place, 0.8 * row) : left;
      text(graphics, name, left - GAP, middle + 5, SIZE, 1);
      String label = cut(graphics, rows.get(i).label(), SIZE, third);
      text(graphics, label, labelAt(end, place), middle + 5, SIZE, 0);
    }
    fill(graphics, new Rectangle2D.Double(left - 1, TOP, 1, bottom - TOP), theme().frame());
    text(graphics, getXAxisTitle(), left + across / 2, height - 14, SIZE, 0.5);
  }

  private double widest(Graphics2D graphics, boolean names) {
    return rows.stream()
        .mapToDouble(
            row -> advance(graphics, names ? row.name() : row.label(), SIZE, row.isHeading()))
        .max()
        .orElse(0);
  }
}
