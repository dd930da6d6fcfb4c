package org.megalab.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.TextLayout;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.util.IdentityHashMap;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart whose colours follow from its theme when it is painted. */
class ThemedChart extends XYChart {

  private final IdentityHashMap<XYSeries, Ink> inks = new IdentityHashMap<>();
  private Theme theme = Theme.LIGHT;

  ThemedChart(int width, int height) {
    super(width, height);
    Style.apply(getStyler());
  }

  final Theme theme() {
    return theme;
  }

  final void theme(Theme newTheme) {
    theme = newTheme;
  }

  /** Adds a line without marks. */
  final XYSeries line(String name, Curve curve, Ink ink, float width) {
    XYSeries series = addSeries(name, curve.x(), curve.y());
    series.setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    series.setMarker(SeriesMarkers.NONE);
    inks.put(series, ink);
    return series;
  }

  @Override
  public final void paint(Graphics2D graphics, int width, int height) {
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    Style.colour(getStyler(), theme);
    inks.forEach(
        (series, ink) -> {
          series.setLineColor(ink.in(theme));
          series.setMarkerColor(ink.in(theme));
        });
    int ownWidth = getWidth();
    int ownHeight = getHeight();
    fill(graphics, new Rectangle2D.Double(0, 0, width, height), theme.plate());
    draw(graphics, width, height);
    setWidth(ownWidth);
    setHeight(ownHeight);
  }

  /** Draws everything on the plate. */
  void draw(Graphics2D graphics, int width, int height) {
    super.paint(graphics, width, height);
  }

  /** Says in the middle that there is nothing to draw. */
  final void writeNoData(Graphics2D graphics, double x, double y) {
    write(graphics, "no data", x, y, 15, theme.muted(), 0.5);
  }

  static void fill(Graphics2D graphics, Rectangle2D area, Color color) {
    graphics.setColor(color);
    graphics.fill(area);
  }

  final void text(
      Graphics2D graphics, String text, double x, double baseline, int size, double anchor) {
    write(graphics, text, x, baseline, size, size <= 12 ? theme.muted() : theme.text(), anchor);
  }

  final void title(Graphics2D graphics, int width) {
    write(graphics, getTitle(), width / 2.0, 30, 15, true, theme.text(), 0.5);
  }

  static void write(
      Graphics2D graphics,
      String text,
      double x,
      double baseline,
      int size,
      Color color,
      double anchor) {
    write(graphics, text, x, baseline, size, false, color, anchor);
  }

  /**
   * Outlines of a text whose point {@code anchor}, 0 left and 1 right, is at x. Outlines, as XChart
   * draws them, look the same in SVG, whatever fonts the reader has.
   */
  static void write(
      Graphics2D graphics,
      String text,
      double x,
      double baseline,
      int size,
      boolean bold,
      Color color,
      double anchor) {
    if (!text.isEmpty()) {
      TextLayout layout =
          new TextLayout(text, Style.font(size, bold), graphics.getFontRenderContext());
      double left = x - anchor * layout.getAdvance();
      graphics.setColor(color);
      graphics.fill(layout.getOutline(AffineTransform.getTranslateInstance(left, baseline)));
    }
  }

  /** The width of a text. */
  static double advance(Graphics2D graphics, String text, int size) {
    return advance(graphics, text, size, false);
  }

  static double advance(Graphics2D graphics, String text, int size, boolean bold) {
    return text.isEmpty()
        ? 0
        : new TextLayout(text, Style.font(size, bold), graphics.getFontRenderContext())
            .getAdvance();
  }

  /** A text that takes no more than some width. */
  static String cut(Graphics2D graphics, String text, int size, double width) {
    String shown = text;
    for (int n = text.length() - 1; n > 0 && advance(graphics, shown, size) > width; n--) {
      shown = text.substring(0, n) + "…";
    }
    return shown;
  }
}
