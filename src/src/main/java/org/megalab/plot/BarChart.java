package org.megalab.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.TextLayout;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.knowm.xchart.XYChart;

/** The drawing of {@link Bars}. */
final class BarChart extends XYChart {
  private static final int WIDTH = 900;
  private static final int ROW = 34;
  private static final int BAR = 20;
  private static final int TOP = 56;
  private static final int BOTTOM = 48;
  private static final int GAP = 10;
  private static final int SIZE = 13;

  private final List<Bars.Bar> bars;

  BarChart(List<Bars.Bar> bars) {
    super(WIDTH, TOP + BOTTOM + Math.max(3, bars.size()) * ROW);
    this.bars = List.copyOf(bars);
    Style.apply(getStyler());
  }

  @Override
  public void paint(Graphics2D graphics, int width, int height) {
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    CellChart.fill(graphics, new Rectangle2D.Double(0, 0, width, height), Style.PLATE);
    CellChart.text(graphics, getTitle(), width / 2.0, 30, 15, true, 0.5);
    double longest =
        bars.stream().filter(Bars.Bar::isDrawable).mapToDouble(Bars.Bar::value).max().orElse(-1);
    if (longest < 0) {
      CellChart.text(graphics, "no data", width / 2.0, height / 2.0, 15, false, 0.5);
      return;
    }
    double left = GAP + Math.min(width / 3.0, widest(graphics, true)) + GAP;
    double across = width - left - GAP - Math.min(width / 3.0, widest(graphics, false)) - GAP;
    double row = (double) (height - TOP - BOTTOM) / bars.size();
    double thick = Math.min(BAR, 0.8 * row);
    for (int i = 0; i < bars.size(); i++) {
      Bars.Bar bar = bars.get(i);
      double middle = TOP + (i + 0.5) * row;
      double end = left;
      if (bar.isDrawable()) {
        Color color = Style.pale(Style.color(0), bar.pale() ? 0.4 : 1);
        end += longest > 0 ? across * bar.value() / longest : 0;
        double length = Math.max(1, end - left);
        CellChart.fill(
            graphics, new Rectangle2D.Double(left, middle - thick / 2, length, thick), color);
      }
      CellChart.text(graphics, cut(graphics, bar.name(), width), left - GAP, middle + 5, SIZE, 1);
      CellChart.text(
          graphics, cut(graphics, label(bar), width), end + GAP / 2.0 + 2, middle + 5, SIZE, 0);
    }
    Rectangle2D zero = new Rectangle2D.Double(left - 1, TOP, 1, row * bars.size());
    CellChart.fill(graphics, zero, Style.FRAME);
    CellChart.text(graphics, getXAxisTitle(), left + across / 2, height - 18, SIZE, 0.5);
  }

  private static String label(Bars.Bar bar) {
    return bar.isDrawable() ? bar.label() : "no value";
  }

  private double widest(Graphics2D graphics, boolean names) {
    return bars.stream()
        .map(bar -> names ? bar.name() : label(bar))
        .mapToDouble(text -> advance(graphics, text))
        .max()
        .orElse(0);
  }

  private static double advance(Graphics2D graphics, String text) {
    return text.isEmpty()
        ? 0
        : new TextLayout(text, Style.font(SIZE, false), graphics.getFontRenderContext())
            .getAdvance();
  }

  /** A text that takes no more than a third of the figure. */
  private static String cut(Graphics2D graphics, String text, int width) {
    String shown = text;
    for (int n = text.length() - 1; n > 0 && advance(graphics, shown) > width / 3.0; n--) {
      shown = text.substring(0, n) + "…";
    }
    return shown;
  }
}
