package org.megalab.plot;

import java.awt.BasicStroke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;

/** The drawing of a {@link LossCurve}. */
final class LossPlot {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 480;
  private static final int BUCKETS = 1000;

  private final LossCurve curve;

  LossPlot(LossCurve curve) {
    this.curve = curve;
  }

  XYChart chart() {
    LabelledChart chart = new LabelledChart(WIDTH, HEIGHT);
    chart.setTitle(curve.title);
    chart.setYAxisTitle("bits per byte");
    List<Run> drawn = new ArrayList<>();
    curve.runs.forEach((name, table) -> drawn.add(read(name, table, Ink.series(drawn.size()))));
    formatX(chart, drawn);
    double[] xs = drawn.stream().flatMapToDouble(Run::xs).sorted().toArray();
    if (xs.length == 0) {
      chart.drawNothing();
      return chart;
    }
    XYStyler axes = chart.getStyler();
    double first = xs[0] > 0 && xs[0] < xs[xs.length - 1] / 5 ? 0 : xs[0];
    double last = xs[xs.length - 1];
    double margin = last > first ? (last - first) / 100 : Math.max(5, Math.abs(last) / 10);
    double left = first == 0 && last > 0 ? 0 : first - margin;
    double right = last + margin;
    axes.setXAxisMin(left).setXAxisMax(right);
    double[] range = curve.yRange != null ? curve.yRange : fit(drawn);
    axes.setYAxisMin(range[0]).setYAxisMax(range[1]);
    drawReferences(chart, left, right, range);
    drawn.forEach(run -> drawRaw(chart, run));
    drawn.forEach(run -> drawTraining(chart, run));
    drawn.forEach(run -> drawValidation(chart, run));
    if (drawn.size() > 1) {
      drawKey(chart, drawn, left, range[0] - 1);
    }
    return chart;
  }

  private record Run(
      String name, Ink ink, Ink validationInk, Curve raw, Curve smooth, Curve validation) {
    DoubleStream xs() {
      return DoubleStream.concat(Arrays.stream(raw.x()), Arrays.stream(validation.x()));
    }

    Run per(double unit) {
      return new Run(
          name, ink, validationInk, raw.per(unit), smooth.per(unit), validation.per(unit));
    }

    String label(String what) {
      return name.isEmpty() ? what : name + ", " + what;
    }
  }

  private Run read(String name, Table table, Ink ink) {
    boolean bits = has(table, "trainBpb");
    if (!has(table, curve.x.column) || !(bits || has(table, "trainLoss"))) {
      throw new IllegalArgumentException(
          "the metrics have no numeric column '%s'; they have %s; a loss curve needs '%s' and 'trainBpb' or 'trainLoss'"
              .formatted(
                  has(table, curve.x.column) ? "trainBpb" : curve.x.column,
                  table.columnNames(),
                  curve.x.column));
    }
    Curve raw =
        bits
            ? Curve.of(table, curve.x.column, "trainBpb", 1)
            : Curve.of(table, curve.x.column, "trainLoss", 1 / Math.log(2));
    Curve validation =
        has(table, "validationBpb")
            ? Curve.of(table, curve.x.column, "validationBpb", 1)
            : new Curve(new double[0], new double[0]);
    double b =
        Double.isNaN(curve.beta) ? Math.max(0, 1 - 100.0 / Math.max(1, raw.size())) : curve.beta;
    Ink validationInk = curve.runs.size() == 1 ? Ink.series(1) : ink;
    return new Run(name, ink, validationInk, raw, raw.smoothed(b), validation);
  }

  private static boolean has(Table table, String column) {
    return table.containsColumn(column) && table.column(column) instanceof NumericColumn<?>;
  }

  /** Lowest and highest of what is worth seeing, with a little room. */
  private double[] fit(List<Run> drawn) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Run run : drawn) {
      int n = run.raw.size();
      int settled = n < 10 ? 0 : Math.max(n / 20, 3);
      double[] raw = Arrays.copyOfRange(run.raw.y(), settled, n);
      Arrays.sort(raw);
      double[] seen =
          DoubleStream.concat(
                  DoubleStream.concat(
                      Arrays.stream(raw, raw.length / 100, raw.length - raw.length / 100),
                      Arrays.stream(run.smooth.y(), settled, n)),
                  Arrays.stream(run.validation.y()))
              .toArray();
      low = Math.min(low, Arrays.stream(seen).min().orElse(low));
      high = Math.max(high, Arrays.stream(seen).max().orElse(high));
    }
    for (Map.Entry<String, Double> line : curve.references.entrySet()) {
      if (Double.isFinite(line.getValue())) {
        low = Math.min(low, line.getValue());
        high = Math.max(high, line.getValue());
      }
    }
    double room = Math.max(0.06 * (high - low), 0.02);
    return new double[] {Math.max(low - room, Math.min(low, 0)), high + room};
  }

  /** Names the axis; seconds are turned into minutes or hours where there are many. */
  private void formatX(LabelledChart chart, List<Run> drawn) {
    chart.setXAxisTitle(curve.x.title);
    if (curve.x == LossCurve.X.SECONDS) {
      double longest = drawn.stream().flatMapToDouble(Run::xs).max().orElse(0);
      double unit = longest > 7200 ? 3600 : longest > 300 ? 60 : 1;
      drawn.replaceAll(run -> run.per(unit));
      chart.setXAxisTitle(
          curve.x.title + (unit == 3600 ? " (hours)" : unit == 60 ? " (minutes)" : " (seconds)"));
    }
    chart.getStyler().setXAxisTickLabelsFormattingFunction(Format::count);
    chart.getStyler().setYAxisDecimalPattern("0.0#");
  }

  private void drawReferences(LabelledChart chart, double left, double right, double[] range) {
    BasicStroke dashes =
        new BasicStroke(
            1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {6, 4}, 0);
    curve.references.forEach(
        (name, value) -> {
          if (value >= range[0] && value <= range[1]) {
            Curve level = new Curve(new double[] {left, right}, new double[] {value, value});
            XYSeries series = chart.line("reference " + name, level, Theme::muted, 1);
            series.setLineStyle(dashes).setShowInLegend(false);
            chart.label(name, value, Theme::muted);
          }
        });
  }

  private static void drawRaw(LabelledChart chart, Run run) {
    if (!run.raw.isEmpty()) {
      Curve raw = run.raw.thinned(BUCKETS);
      chart.line(run.label("raw"), raw, run.ink.pale(0.3), 1).setShowInLegend(false);
    }
  }

  private void drawTraining(LabelledChart chart, Run run) {
    if (run.raw.isEmpty()) {
      return;
    }
    Curve smooth = run.smooth.thinned(BUCKETS);
    XYSeries series = chart.line(run.label("training"), smooth, run.ink, 2.2f);
    series.setShowInLegend(curve.runs.size() == 1);
    if (run.raw.size() == 1) {
      series.setMarker(Mark.series(0));
    }
    if (curve.runs.size() == 1 || run.validation.isEmpty()) {
      chart.label(run.name.isEmpty() ? "training" : run.name, run.smooth.lastY(), run.ink);
    }
  }

  private void drawValidation(LabelledChart chart, Run run) {
    if (run.validation.isEmpty()) {
      return;
    }
    XYSeries series = chart.line(run.label("validation"), run.validation, run.validationInk, 1.2f);
    series.setMarker(Mark.series(0));
    series.setShowInLegend(curve.runs.size() == 1);
    String text = run.name.isEmpty() ? "validation" : run.name;
    chart.label(text, run.validation.lastY(), run.validationInk);
  }

  /** With several runs the labels tell them apart, and the legend says only which mark is what. */
  private static void drawKey(LabelledChart chart, List<Run> drawn, double x, double belowThePlot) {
    Curve hidden = new Curve(new double[] {x}, new double[] {belowThePlot});
    chart.line("key training", hidden, Theme::text, 2.2f).setLabel("training");
    if (drawn.stream().anyMatch(run -> !run.validation.isEmpty())) {
      XYSeries key = chart.line("key validation", hidden, Theme::text, 1.2f);
      key.setMarker(Mark.series(0));
      key.setLabel("validation");
    }
  }
}
