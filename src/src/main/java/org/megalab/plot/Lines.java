package org.megalab.plot;

import java.awt.Color;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;

/**
 * Lines over an index or over given positions, each with a name in the legend:
 *
 * <pre>{@code
 * Lines.of("Impulse responses").x("steps after the impulse").y("response").line("channel 0", kernel).chart()
 * }</pre>
 *
 * <p>Points that are not finite or beyond ±10¹⁵ are left out, on a logarithmic axis also those that
 * are not positive. A line of one point is a mark; a figure without any point says so.
 */
public final class Lines {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 420;

  private final String title;
  private final Map<String, Points> lines = new LinkedHashMap<>();
  private String xTitle = "";
  private String yTitle = "";
  private boolean logX;
  private boolean logY;
  private boolean doublingX;
  private boolean marks;

  private record Points(Curve given, boolean pale) {}

  private Lines(String title) {
    this.title = title;
  }

  /** Begins a figure. */
  public static Lines of(String title) {
    return new Lines(title);
  }

  /** Names the horizontal axis. */
  public Lines x(String name) {
    xTitle = name;
    return this;
  }

  /** Names the vertical axis. */
  public Lines y(String name) {
    yTitle = name;
    return this;
  }

  /** Makes the horizontal axis logarithmic. */
  public Lines logX() {
    logX = true;
    return this;
  }

  /**
   * Makes the horizontal axis logarithmic with marks at powers of two, such as 4 K for 4096; the
   * chart's series hold the base-2 logarithms of the positions.
   */
  public Lines doublingX() {
    doublingX = true;
    return this;
  }

  /** Marks the points of the lines that are not pale. */
  public Lines marks() {
    marks = true;
    return this;
  }

  /** Makes the vertical axis logarithmic. */
  public Lines logY() {
    logY = true;
    return this;
  }

  /** Adds a line over the index 0, 1, …, such as an array's {@code toFloatArray()}. */
  public Lines line(String name, float[] y) {
    double[] values = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      values[i] = y[i];
    }
    return line(name, values);
  }

  /** Adds a line over the index 0, 1, …. */
  public Lines line(String name, double[] y) {
    return line(name, DoubleStream.iterate(0, i -> i + 1).limit(y.length).toArray(), y);
  }

  /**
   * Adds a line.
   *
   * @param name what the legend says
   * @param x the positions, in any order
   * @param y the values there
   * @throws IllegalArgumentException if the name is taken, or the arrays differ in length
   */
  public Lines line(String name, double[] x, double[] y) {
    return add(name, x, y, false);
  }

  /**
   * Adds a pale line in the colour of the line before it and without a place in the legend, for
   * what that is compared with; the rest as in {@link #line(String, double[], double[])}.
   */
  public Lines pale(String name, double[] x, double[] y) {
    return add(name, x, y, true);
  }

  private Lines add(String name, double[] x, double[] y, boolean pale) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "the line '%s' has %d positions and %d values; give one value a position"
              .formatted(name, x.length, y.length));
    }
    if (lines.putIfAbsent(name, new Points(new Curve(x.clone(), y.clone()), pale)) != null) {
      throw new IllegalArgumentException(
          "a line called '" + name + "' is drawn already; give this one another name");
    }
    return this;
  }

  /** Draws the figure. */
  public XYChart chart() {
    LabelledChart chart = new LabelledChart(WIDTH, HEIGHT);
    chart.setTitle(title);
    chart.setXAxisTitle(xTitle);
    chart.setYAxisTitle(yTitle);
    Map<String, Curve> curves = new LinkedHashMap<>();
    lines.forEach((name, points) -> curves.put(name, curve(points)));
    curves.values().removeIf(Curve::isEmpty);
    if (curves.isEmpty()) {
      chart.drawNothing();
      return chart;
    }
    XYStyler axes = chart.getStyler();
    axes.setXAxisLogarithmic(logX).setYAxisLogarithmic(logY);
    double[] x = range(curves, Curve::x, logX, 0.005);
    double[] y = range(curves, Curve::y, logY, 0.05);
    axes.setXAxisMin(x[0]).setXAxisMax(x[1]).setYAxisMin(y[0]).setYAxisMax(y[1]);
    axes.setXAxisTickLabelsFormattingFunction(LossCurve::count);
    if (doublingX) {
      chart.doubling();
    }
    if (logY) {
      axes.setYAxisTickLabelsFormattingFunction(Lines::magnitude);
    } else if (curves.values().stream().allMatch(curve -> curve.size() == 1)) {
      axes.setYAxisDecimalPattern("0.####");
    }
    boolean counts =
        curves.values().stream()
            .flatMapToDouble(c -> DoubleStream.of(c.x()))
            .allMatch(Lines::isCount);
    if (counts && x[1] - x[0] > 1) { // marks at whole numbers only
      axes.setXAxisTickMarkSpacingHint((int) (0.8 * WIDTH / (x[1] - x[0])));
    }
    axes.setLegendVisible(lines.size() > 1);
    if (lines.values().stream().filter(line -> !line.pale).count() > 7) { // too wide for one row
      axes.setLegendPosition(Styler.LegendPosition.OutsideE);
      axes.setLegendLayout(Styler.LegendLayout.Vertical);
    }
    draw(chart, curves, true); // beneath what they are compared with
    draw(chart, curves, false);
    return chart;
  }

  private void draw(LabelledChart chart, Map<String, Curve> curves, boolean pale) {
    int color = -1;
    for (Map.Entry<String, Points> line : lines.entrySet()) {
      boolean isPale = line.getValue().pale;
      color = isPale ? Math.max(0, color) : color + 1; // also where there is nothing to draw
      Curve curve = curves.get(line.getKey());
      if (curve != null && isPale == pale) {
        Color shade = Style.pale(Style.color(color), pale ? 0.4 : 1);
        XYSeries series = chart.line(line.getKey(), curve, shade, 2);
        series.setShowInLegend(!pale);
        if (curve.size() == 1 || marks && !pale) {
          LabelledChart.mark(series, shade);
        }
      }
    }
  }

  private Curve curve(Points points) {
    double[] x = points.given.x();
    double[] y = points.given.y();
    return Curve.drawable(x.length, i -> horizontal(x[i]), i -> positive(y[i], logY));
  }

  private double horizontal(double value) {
    return doublingX ? Math.log(positive(value, true)) / Math.log(2) : positive(value, logX);
  }

  private static boolean isCount(double value) {
    return value == Math.rint(value) && value >= 0 && value < 10;
  }

  private static String magnitude(double value) {
    return value >= 1 ? LossCurve.count(value) : String.format(Locale.ENGLISH, "%.0e", value);
  }

  private static double positive(double value, boolean needed) {
    return needed && !(value > 0) ? Double.NaN : value;
  }

  /** Lowest and highest of all curves with a little room, so that both differ. */
  private static double[] range(
      Map<String, Curve> curves, Function<Curve, double[]> side, boolean logarithmic, double room) {
    DoubleSummaryStatistics all =
        curves.values().stream()
            .flatMapToDouble(curve -> DoubleStream.of(side.apply(curve)))
            .summaryStatistics();
    double low = all.getMin();
    double high = all.getMax();
    if (logarithmic) {
      double factor = high > low ? Math.pow(high / low, room) : 2;
      return new double[] {low / factor, high * factor};
    }
    double margin = high > low ? room * (high - low) : Math.max(1, Math.abs(low) / 10);
    return new double[] {low - margin, high + margin};
  }
}
