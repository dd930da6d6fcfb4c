package org.megalab.plot;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;

/** The drawing of {@link Lines}. */
final class LinePlot {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 420;

  private final Lines lines;
  private final Map<Lines.Line, Curve> curves = new LinkedHashMap<>();
  private final LabelledChart chart = new LabelledChart(WIDTH, HEIGHT);

  LinePlot(Lines lines) {
    this.lines = lines;
    lines.lines.forEach(line -> curves.put(line, curve(line)));
    curves.values().removeIf(Curve::isEmpty);
  }

  private Curve curve(Lines.Line line) {
    return Curve.drawable(
        line.x.length, i -> horizontal(line.x[i]), i -> positive(line.y[i], lines.logY));
  }

  private double horizontal(double value) {
    return lines.doublingX
        ? Math.log(positive(value, true)) / Math.log(2)
        : positive(value, lines.logX);
  }

  private static double positive(double value, boolean needed) {
    return needed && !(value > 0) ? Double.NaN : value;
  }

  XYChart chart() {
    chart.setTitle(lines.title);
    chart.setXAxisTitle(lines.xTitle);
    chart.setYAxisTitle(lines.yTitle);
    if (curves.isEmpty()) {
      chart.drawNothing();
      return chart;
    }
    formatAxes();
    placeLegend();
    drawAll(true); // beneath what they are compared with
    drawAll(false);
    return chart;
  }

  private void formatAxes() {
    XYStyler axes = chart.getStyler();
    boolean logX = lines.logX && isWide(xs());
    boolean logY = lines.logY && isWide(ys());
    axes.setXAxisLogarithmic(logX).setYAxisLogarithmic(logY);
    double[] x = range(xs(), logX, hasMarks() ? 0.02 : 0.005);
    double[] y = range(DoubleStream.concat(ys(), errorEnds()), logY, notes() ? 0.15 : 0.05);
    axes.setXAxisMin(x[0]).setXAxisMax(x[1]).setYAxisMin(y[0]).setYAxisMax(y[1]);
    axes.setXAxisTickLabelsFormattingFunction(Format::count);
    if (lines.doublingX) {
      chart.doubling();
    } else if (!lines.categories.isEmpty()) {
      axes.setXAxisMin(-0.3).setXAxisMax(lines.categories.size() - 0.7);
      chart.categories(lines.categories);
    }
    axes.setYAxisTickLabelsFormattingFunction(logY ? Format::magnitude : Format::tick);
    if (xs().allMatch(LinePlot::isCount) && x[1] - x[0] > 1) { // marks at whole numbers only
      axes.setXAxisTickMarkSpacingHint((int) (0.8 * WIDTH / (x[1] - x[0])));
    }
  }

  /** Below the plot where all names have room in one row, else beside it. */
  private void placeLegend() {
    XYStyler styler = chart.getStyler();
    styler.setLegendVisible(lines.lines.size() > 1);
    var named = lines.lines.stream().filter(line -> line.kind != Lines.Kind.PALE).toList();
    int letters = named.stream().mapToInt(line -> line.name.length()).sum();
    if (named.size() > 7 || 48 * named.size() + 7 * letters > WIDTH) {
      styler.setLegendPosition(Styler.LegendPosition.OutsideE);
      styler.setLegendLayout(Styler.LegendLayout.Vertical);
    }
  }

  private boolean hasMarks() {
    return lines.marks || lines.lines.stream().anyMatch(Lines.Line::isPublished);
  }

  private boolean notes() {
    return lines.lines.stream().anyMatch(Lines.Line::hasNotes);
  }

  private DoubleStream xs() {
    return curves.values().stream().flatMapToDouble(curve -> Arrays.stream(curve.x()));
  }

  private DoubleStream ys() {
    return curves.values().stream().flatMapToDouble(curve -> Arrays.stream(curve.y()));
  }

  /** Both ends of all error bars, as far as they can be drawn. */
  private DoubleStream errorEnds() {
    return lines.lines.stream()
        .flatMapToDouble(
            line ->
                points(line)
                    .flatMap(i -> IntStream.of(i, -1 - i))
                    .mapToDouble(
                        i ->
                            i >= 0
                                ? line.y[i] + line.error(i)
                                : line.y[-1 - i] - line.error(-1 - i)))
        .filter(end -> Math.abs(end) <= Curve.LIMIT && (!lines.logY || end > 0));
  }

  /** The points of a line that can be drawn. */
  private IntStream points(Lines.Line line) {
    return IntStream.range(0, line.x.length)
        .filter(i -> Math.abs(horizontal(line.x[i])) <= Curve.LIMIT)
        .filter(i -> Math.abs(positive(line.y[i], lines.logY)) <= Curve.LIMIT);
  }

  private void drawAll(boolean pale) {
    curves.forEach(
        (line, curve) -> {
          if (pale == (line.kind == Lines.Kind.PALE)) {
            draw(line, curve);
          }
        });
  }

  private void draw(Lines.Line line, Curve curve) {
    boolean pale = line.kind == Lines.Kind.PALE;
    Ink ink = pale ? Ink.series(line.color).pale(0.4) : Ink.series(line.color);
    XYSeries series = chart.line(line.name, curve, ink, 2);
    series.setShowInLegend(!pale);
    if (line.isPublished()) {
      series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
      series.setMarker(
          line.kind == Lines.Kind.PUBLISHED
              ? Mark.published()
              : Mark.uncertain(() -> chart.theme().plate()));
    } else if (curve.size() == 1 || lines.marks && !pale) {
      series.setMarker(Mark.series(line.color));
    }
    points(line)
        .forEach(
            i -> {
              double error = line.error(i);
              double x = horizontal(line.x[i]);
              double half = error > 0 && error <= Curve.LIMIT ? error : 0;
              if (half > 0) {
                chart.whisker(x, line.y[i] - half, line.y[i] + half, ink);
              }
              if (!line.note(i).isEmpty()) {
                chart.note(x, line.y[i] - half, line.y[i] + half, line.note(i));
              }
            });
  }

  /** Whether the values span at least the factor of ten between two marks of a logarithmic axis. */
  private static boolean isWide(DoubleStream values) {
    DoubleSummaryStatistics all = values.summaryStatistics();
    return all.getMax() >= 10 * all.getMin();
  }

  private static boolean isCount(double value) {
    return value == Math.rint(value) && value >= 0 && value < 10;
  }

  /** Lowest and highest with a little room, so that both differ. */
  private static double[] range(DoubleStream values, boolean logarithmic, double room) {
    DoubleSummaryStatistics all = values.summaryStatistics();
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
