package org.megalab.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.List;

/** The drawing of {@link Bars}. */
final class BarChart extends RowChart {
  private static final int BAR = 20;
  private static final int MARK = 10;

  private final List<Bars.Bar> bars;
  private final double longest;

  BarChart(List<Bars.Bar> bars) {
    super(List.copyOf(bars));
    this.bars = List.copyOf(bars);
    longest =
        bars.stream().filter(Bars.Bar::isDrawable).mapToDouble(Bars.Bar::value).max().orElse(0);
  }

  @Override
  void drawBehind(Graphics2D graphics, Place all) {}

  @Override
  double drawRow(Graphics2D graphics, int i, Place place, double thick) {
    Bars.Bar bar = bars.get(i);
    double end = place.left() + (longest > 0 ? place.across() * bar.value() / longest : 0);
    double height = Math.min(BAR, thick);
    double length = Math.max(1, end - place.left());
    Color color = theme().pale(theme().color(0), bar.kind() == Bars.Kind.OWN ? 1 : 0.4);
    fill(
        graphics,
        new Rectangle2D.Double(place.left(), place.middle() - height / 2, length, height),
        color);
    if (bar.kind() == Bars.Kind.OWN || bar.kind() == Bars.Kind.PALE) {
      return end;
    }
    boolean certain = bar.kind() == Bars.Kind.PUBLISHED;
    graphics.setColor(theme().text());
    Mark mark = certain ? Mark.published() : Mark.uncertain(theme()::plate);
    mark.paint(graphics, end, place.middle(), MARK);
    return end + MARK;
  }

  @Override
  double labelAt(double end, Place place) {
    return end + GAP / 2.0 + 2;
  }
}
