package org.megalab.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.font.TextLayout;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * An XY chart whose lines are labelled in a margin at its right edge, each beside where it ends.
 */
final class LabelledChart extends XYChart {
  private static final int GAP = 12;
  private static final int LINE = 15;
  private static final int TICK = 60;

  private record Label(String text, double value, Color color) {}

  private final List<Label> labels = new ArrayList<>();
  private String note = "";
  private boolean doubling;

  LabelledChart(int width, int height) {
    super(width, height);
    Style.apply(getStyler());
  }

  /** Labels the line that reaches the right edge at {@code value} with its name and that value. */
  void label(String name, double value, Color color) {
    labels.add(new Label(String.format(Locale.ENGLISH, "%s  %.2f", name, value), value, color));
  }

  /** Adds a line without marks. */
  XYSeries line(String name, Curve curve, Color color, float width) {
    XYSeries series = addSeries(name, curve.x(), curve.y());
    series.setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    series.setLineColor(color);
    series.setMarker(SeriesMarkers.NONE);
    return series;
  }

  /** Marks the points of a line. */
  static XYSeries mark(XYSeries series, Color color) {
    series.setMarker(SeriesMarkers.CIRCLE);
    series.setMarkerColor(color);
    return series;
  }

  /** Marks the horizontal axis, of base-2 logarithms, at powers of two. */
  void doubling() {
    doubling = true;
    // What is drawn instead has the room of these.
    getStyler().setXAxisTickLabelsColor(Style.PLATE).setXAxisTickMarksColor(Style.PLATE);
  }

  /** 2 to an exponent in multiples of 1024. */
  static String powerOfTwo(int exponent) {
    int thousands = Math.max(0, Math.min(4, exponent / 10));
    String[] units = {"", " K", " M", " G", " T"};
    return LossCurve.count(Math.pow(2, exponent - 10.0 * thousands)) + units[thousands];
  }

  /** Empty axes that say that there is no data. */
  void drawNothing() {
    getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(8.0);
    getStyler().setXAxisTicksVisible(false);
    getStyler().setLegendVisible(false);
    line("nothing", new Curve(new double[] {0, 1}, new double[] {0, 0}), Style.PLATE, 1);
    note = "no data";
  }

  @Override
  public void paint(Graphics2D graphics, int width, int height) {
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Style.PLATE);
    graphics.fillRect(0, 0, width, height);
    FontRenderContext context = graphics.getFontRenderContext();
    double widest =
        labels.stream()
            .mapToDouble(label -> layout(label.text, 12, context).getAdvance())
            .max()
            .orElse(0);
    int margin = labels.isEmpty() ? 0 : (int) Math.min(widest + GAP, width / 3.0);
    super.paint(graphics, width - margin, height);
    paintLabels(graphics);
    if (doubling) {
      paintPowers(graphics);
    }
    if (!note.isEmpty()) {
      TextLayout text = layout(note, 15, context);
      double x = (left() + right()) / 2 - text.getAdvance() / 2;
      write(graphics, text, x, (top() + bottom()) / 2, Style.MUTED);
    }
    setWidth(width);
    setHeight(height);
  }

  /**
   * Moves labels apart where they would overlap; a line that left the plot is labelled at its edge.
   */
  private void paintLabels(Graphics2D graphics) {
    if (labels.isEmpty()) {
      return;
    }
    List<Label> sorted = new ArrayList<>(labels);
    sorted.sort(Comparator.comparingDouble(label -> -label.value));
    double[] at = new double[sorted.size()];
    double[] wanted = new double[sorted.size()];
    double lowest = getStyler().getYAxisMin();
    double highest = getStyler().getYAxisMax();
    for (int i = 0; i < at.length; i++) {
      double shown = Math.max(lowest, Math.min(highest, sorted.get(i).value));
      wanted[i] = getScreenYFromChart(shown);
    }
    graphics.setStroke(new BasicStroke(1));
    spread(wanted, at, top(), bottom());
    for (int i = 0; i < at.length; i++) {
      graphics.setColor(Style.pale(sorted.get(i).color, 0.6));
      graphics.draw(new Line2D.Double(right() + 1, wanted[i], right() + GAP - 3, at[i]));
      TextLayout text = layout(sorted.get(i).text, 12, graphics.getFontRenderContext());
      write(graphics, text, right() + GAP, at[i] + 4, sorted.get(i).color);
    }
  }

  private void paintPowers(Graphics2D graphics) {
    double low = getStyler().getXAxisMin();
    double high = getStyler().getXAxisMax();
    double room = (right() - left()) / (high - low); // for each factor of two
    int step = (int) Math.max(1, Math.ceil(TICK / room));
    graphics.setStroke(new BasicStroke(1));
    graphics.setColor(Style.FRAME);
    graphics.draw(new Line2D.Double(left(), bottom(), right(), bottom()));
    for (int e = (int) Math.ceil(low / step) * step; e <= high; e += step) {
      double x = getScreenXFromChart(e);
      graphics.setColor(Style.FRAME);
      graphics.draw(new Line2D.Double(x, bottom(), x, bottom() + 4));
      CellChart.text(graphics, powerOfTwo(e), x, bottom() + 18, 12, 0.5);
    }
  }

  private double left() {
    return getScreenXFromChart(getStyler().getXAxisMin());
  }

  private double right() {
    return getScreenXFromChart(getStyler().getXAxisMax());
  }

  private double top() {
    return getScreenYFromChart(getStyler().getYAxisMax());
  }

  private double bottom() {
    return getScreenYFromChart(getStyler().getYAxisMin());
  }

  private static TextLayout layout(String text, int size, FontRenderContext context) {
    return new TextLayout(text, Style.font(size, false), context);
  }

  /**
   * Draws outlines, as XChart does: the text looks the same in SVG, whatever fonts the reader has.
   */
  private static void write(
      Graphics2D graphics, TextLayout text, double x, double baseline, Color color) {
    graphics.setColor(color);
    graphics.fill(text.getOutline(AffineTransform.getTranslateInstance(x, baseline)));
  }

  /**
   * Positions at least one line apart, in order, as near to the wanted ones as a pass down and a
   * pass up make them, and within top and bottom if there is room.
   */
  static void spread(double[] wanted, double[] at, double top, double bottom) {
    double next = top;
    for (int i = 0; i < at.length; i++) {
      at[i] = Math.max(wanted[i], next);
      next = at[i] + LINE;
    }
    double limit = bottom;
    for (int i = at.length - 1; i >= 0; i--) {
      at[i] = Math.min(at[i], limit);
      limit = at[i] - LINE;
    }
    // Labels that were pushed down as a group move back up together by their mean push.
    for (int start = 0; start < at.length; ) {
      int end = start + 1;
      while (end < at.length && at[end] - at[end - 1] < LINE + 0.5) {
        end++;
      }
      double push = 0;
      for (int i = start; i < end; i++) {
        push += (at[i] - wanted[i]) / (end - start);
      }
      double room = at[start] - (start == 0 ? top : at[start - 1] + LINE);
      double shift = Math.max(0, Math.min(push, room));
      for (int i = start; i < end; i++) {
        at[i] -= shift;
      }
      start = end;
    }
  }
}
