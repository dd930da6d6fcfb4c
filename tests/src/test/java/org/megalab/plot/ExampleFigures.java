package org.megalab.plot;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import tech.tablesaw.api.Table;

/** Every figure of the library, by the method that draws it. */
final class ExampleFigures {

  private ExampleFigures() {}

  static Map<String, Function<FigureData, XYChart>> all() {
    Map<String, Function<FigureData, XYChart>> figures = new LinkedHashMap<>();
    for (LossCurve.X by : LossCurve.X.values()) {
      figures.put(
          "LossCurve.chart by " + by,
          data ->
              LossCurve.of(data.metrics())
                  .by(by)
                  .reference("order 1", 3.49)
                  .smoothing(0.5)
                  .chart());
    }
    figures.put(
        "LossCurve.chart of two",
        data -> LossCurve.empty().run("one", data.metrics()).run("two", data.metrics()).chart());
    figures.put("Lines.chart", ExampleFigures::lines);
    figures.put("Bars.chart", ExampleFigures::bars);
    figures.put("HeatMap.chart", data -> heatMap(data).chart());
    figures.put("Intervals.chart", ExampleFigures::intervals);
    figures.put("SampleGrid.chart", ExampleFigures::samples);
    figures.put(
        "EvaluationFigures.context",
        data -> EvaluationFigures.context(data.named(data.curve(), data.curve()), "perplexity"));
    figures.put(
        "EvaluationFigures.position",
        data -> EvaluationFigures.position(data.named(data.bins(), data.bins())));
    figures.put(
        "EvaluationFigures.patch",
        data -> EvaluationFigures.patch(data.named(data.bins(), data.bins())));
    figures.put("EvaluationFigures.cost", data -> EvaluationFigures.cost(data.speeds()));
    figures.put(
        "EvaluationFigures.throughput", data -> EvaluationFigures.throughput(data.speeds()));
    figures.put(
        "EvaluationFigures.relativeThroughput",
        data ->
            EvaluationFigures.relativeThroughput(data.speeds(), "megabyte", data.published("3.2")));
    figures.put(
        "EvaluationFigures.memory",
        data ->
            EvaluationFigures.memory(
                data.named(data.speeds(), data.curve()), "context", "peak MiB"));
    figures.put(
        "EvaluationFigures.wordPerplexity",
        data ->
            EvaluationFigures.wordPerplexity(
                Table.create(data.names("document", "all"), data.column("word perplexity", 60)),
                data.published("4.3")));
    figures.put("StudyFigures.bitsPerByte", data -> StudyFigures.bitsPerByte(data.study()));
    figures.put("StudyFigures.accuracy", data -> StudyFigures.accuracy(data.study()));
    figures.put(
        "StudyFigures.bitsPerByte with published numbers",
        data -> StudyFigures.bitsPerByte(data.study(), data.published("2.6")).chart());
    figures.put(
        "StudyFigures.differences",
        data -> StudyFigures.differences(data.study(), "difference", "low", "high"));
    figures.put("StudyFigures.sweep", data -> StudyFigures.sweep(data.study(), "patchSize"));
    figures.put("StudyFigures.tradeOff", data -> StudyFigures.tradeOff(data.study(), "FLOPs"));
    figures.put(
        "StudyFigures.grid",
        data -> StudyFigures.grid(data.study(), "patchSize", "layers", "mean"));
    figures.put(
        "LayerFigures.impulseResponses",
        data -> LayerFigures.impulseResponses(data.named(data.values(1), data.values(-1))));
    figures.put(
        "LayerFigures.frequencyResponses",
        data ->
            LayerFigures.frequencyResponses(
                data == FigureData.WITH_GAPS
                    ? data.named(new double[] {1, 0.5}, data.values(1))
                    : data.named(data.values(1), data.values(-1))));
    figures.put(
        "LayerFigures.normStatistics",
        data -> LayerFigures.normStatistics(data.named(data.values(1), data.values(2)), "mean"));
    figures.put("LayerFigures.attention", ExampleFigures::attention);
    figures.put(
        "LayerFigures.gradientNorms",
        data -> {
          Table table =
              Table.create(
                  data.names("layer", "embedding", "layers.0", "layers.1", "layers.2", "norm"),
                  data.column("gradient norm", 1));
          return LayerFigures.gradientNorms(data.named(table, table));
        });
    return figures;
  }

  private static XYChart lines(FigureData data) {
    Lines lines = Lines.of("Lines").x("context").y("bits per byte").doublingX().marks();
    double[] at = data.doubling("", 1024).asDoubleArray();
    data.named(data.values(3), data.values(2)).forEach((name, y) -> lines.line(name, at, y));
    List<PublishedResult> published =
        data.isEmpty()
            ? List.of()
            : PublishedResults.all()
                .where("table", "1.1")
                .task("arXiv")
                .metric("bits per byte")
                .list();
    return lines.published("published", new double[published.size()], published).chart();
  }

  private static XYChart bars(FigureData data) {
    Bars bars = Bars.of("Bars").x("bytes/s").group("ours");
    for (double value : data.values(5)) {
      bars.bar("model", value).pale("another", value);
    }
    data.published("1.3").forEach(bars::published);
    data.published("1.6").forEach(bars::published);
    return bars.chart();
  }

  private static HeatMap heatMap(FigureData data) {
    HeatMap map = HeatMap.of("Cells").x("column").y("row").numbers();
    return data == FigureData.NONE ? map : map.panel("panel", new double[][] {data.values(1)});
  }

  private static XYChart intervals(FigureData data) {
    Intervals intervals = Intervals.of("Intervals").x("bits per byte").reference(2.2).group("ours");
    for (double value : data.values(3)) {
      intervals.value("spread", value, value - 0.1, value + 0.2).value("alone", value);
    }
    data.published("1.1").forEach(intervals::published);
    return intervals.chart();
  }

  private static XYChart samples(FigureData data) {
    List<@Nullable BufferedImage> images = new ArrayList<>();
    for (double value : data.values(1)) {
      BufferedImage image = new BufferedImage(28, 20, BufferedImage.TYPE_INT_RGB);
      image.setRGB(3, 3, Theme.LIGHT.color(0).getRGB());
      image.setRGB(4, 3, Theme.DARK.color(0).getRGB());
      images.add(Double.isFinite(value) ? image : null);
    }
    return SampleGrid.of("Samples").row("drawn", images).row("", images).chart();
  }

  private static XYChart attention(FigureData data) {
    int side = data == FigureData.MISSING ? 3 : data.count;
    float[] weights = new float[side * side];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i % side <= i / side ? (float) data.value(i % side, 1) : 0;
      weights[i] = data == FigureData.MISSING ? Float.NaN : weights[i];
    }
    return LayerFigures.attention(data.named(weights, weights));
  }
}
