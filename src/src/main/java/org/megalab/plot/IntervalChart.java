package org.megalab.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.util.List;
import java.util.Locale;

/** The drawing of {@link Intervals}. */
final class IntervalChart extends RowChart {
  private static final int MARK = 9;
  private static final int TICKS = 6;
  private static final BasicStroke THIN = new BasicStroke(1);
  private static final BasicStroke BAR = new BasicStroke(1.8f);
  private static final BasicStroke DASHES =
      new BasicStroke(
          1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {6, 4}, 0);

  private final List<Intervals.Interval> intervals;
  private final double reference;
  private final double low;
  private final double high;

  private final boolean logarithmic;

  IntervalChart(List<Intervals.Interval> intervals, double reference, boolean logX) {
    super(List.copyOf(intervals));
    this.intervals = List.copyOf(intervals);
    this.reference = reference;
    double least = Intervals.ends(intervals, reference).min().orElse(0);
    double most = Intervals.ends(intervals, reference).max().orElse(1);
    logarithmic = logX && least > 0 && most >= 10 * least;
    double lowest = scaled(least);
    double highest = scaled(most);
    double room =
        highest > lowest ? 0.05 * (highest - lowest) : Math.max(0.1, Math.abs(lowest) / 10);
    low = lowest - room;
    high = highest + room;
  }

  private double scaled(double value) {
    return logarithmic ? Math.log10(value) : value;
  }

  private double at(double value, Place place) {
    return place.left() + place.across() * (scaled(value) - low) / (high - low);
  }

  @Override
  void drawBehind(Graphics2D graphics, Place all) {
    double step =
        logarithmic ? Math.max(1, Math.ceil((high - low) / 10)) : step((high - low) / TICKS);
    graphics.setStroke(THIN);
    for (double n = Math.ceil(low / step); n * step <= high; n++) {
      double value = logarithmic ? Math.pow(10, n * step) : n * step;
      String label = logarithmic ? Format.magnitude(value) : number(value, step);
      double x = at(value, all);
      graphics.setColor(theme().grid());
      graphics.draw(new Line2D.Double(x, all.top(), x, all.bottom()));
      text(graphics, label, x, all.bottom() + 18, 12, 0.5);
    }
    if (Double.isFinite(reference)) {
      double x = at(reference, all);
      graphics.setStroke(DASHES);
      graphics.setColor(theme().muted());
      graphics.draw(new Line2D.Double(x, all.top(), x, all.bottom()));
    }
  }

  @Override
  double drawRow(Graphics2D graphics, int i, Place place, double thick) {
    Intervals.Interval row = intervals.get(i);
    boolean own = row.kind() == Intervals.Kind.OWN;
    Color color = own ? theme().color(0) : theme().text();
    double y = place.middle();
    graphics.setColor(color);
    if (row.high() > row.low()) {
      double from = at(row.low(), place);
      double to = at(row.high(), place);
      graphics.setStroke(BAR);
      graphics.draw(new Line2D.Double(from, y, to, y));
      graphics.draw(new Line2D.Double(from, y - 5, from, y + 5));
      graphics.draw(new Line2D.Double(to, y - 5, to, y + 5));
    }
    Mark mark =
        switch (row.kind()) {
          case PUBLISHED -> Mark.published();
          case UNCERTAIN -> Mark.uncertain(theme()::plate);
          default -> Mark.series(0);
        };
    mark.paint(graphics, at(row.value(), place), y, MARK);
    return place.left() + place.across();
  }

  @Override
  double labelAt(double end, Place place) {
    return place.left() + place.across() + GAP;
  }

  /** The least of 1, 2 or 5 times a power of ten that is at least {@code least}. */
  static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= least) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static String number(double value, double step) {
    double shown = Math.abs(value) < step / 2 ? 0 : value; // no -0
    if (step >= 1000) {
      return Format.count(shown);
    }
    int digits = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    return digits > 6
        ? String.format(Locale.ENGLISH, "%.2e", shown)
        : String.format(Locale.ENGLISH, "%." + digits + "f", shown);
  }
}
