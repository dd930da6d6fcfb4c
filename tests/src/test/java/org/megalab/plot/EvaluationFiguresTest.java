package org.megalab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import org.megalab.evaluate.ContextCurve;
import org.megalab.evaluate.ModelCost;
import org.megalab.evaluate.PositionLoss;
import org.megalab.evaluate.TrainingThroughput;
import org.megalab.model.ByteTransformerConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.MegalodonConfig;
import org.megalab.model.ModelConfig;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class EvaluationFiguresTest {
  private static final double NAN = Double.NaN;

  private static Table curve(double first, long... lengths) {
    List<ContextCurve.Point> points =
        Arrays.stream(lengths)
            .mapToObj(
                n -> new ContextCurve.Point(n, 2, n, first - 0.04 * Math.log((double) n), 0.01))
            .toList();
    return new ContextCurve(points, true).table(5.9);
  }

  private static ContextCurve.Point missing(long n) {
    return new ContextCurve.Point(n, 0, 0, NAN, NAN);
  }

  private static Table loss(double first, long[] edges) {
    List<PositionLoss.Bin> bins = new ArrayList<>();
    for (int i = 0; i + 1 < edges.length; i++) {
      double middle = (edges[i] + edges[i + 1] + 1) / 2.0;
      bins.add(
          new PositionLoss.Bin(
              edges[i], edges[i + 1], 90, 90, first + 3 / middle, 0.3 / Math.sqrt(middle)));
    }
    return new PositionLoss(bins, true).table();
  }

  @Test
  void perplexityAgainstContext() throws IOException {
    Map<String, Table> curves = new LinkedHashMap<>();
    curves.put("megalodon", curve(2.4, ContextCurve.doubling(4096, 1 << 21)));
    List<ContextCurve.Point> stops =
        List.of(
            new ContextCurve.Point(4096, 1, 4096, 2.15, NAN),
            new ContextCurve.Point(8192, 1, 8192, 2.12, NAN),
            missing(16_384));
    curves.put("llama", new ContextCurve(stops, true).table());
    XYChart chart = EvaluationFigures.context(curves, "perplexity");
    BufferedImage image = LossCurveTest.draw(chart);
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(0))).isTrue();
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(1))).isTrue();
    assertThat(chart.getSeries("megalodon").getXData()).startsWith(12, 13).hasSize(10);
    assertThat(chart.getSeries("llama").getXData()).containsExactly(12, 13);
    assertThat(chart.getSeries("llama").getYData()[0]).isCloseTo(Math.pow(2, 2.15), within(1e-9));
    assertThat(chart.getTitle()).isEqualTo("Perplexity against context");
    curves.remove("llama");
    assertThat(EvaluationFigures.context(curves, "word perplexity").getYAxisTitle())
        .isEqualTo("word perplexity");
  }

  @Test
  void powersOfTwo() {
    assertThat(LabelledChart.powerOfTwo(12)).isEqualTo("4 K");
    assertThat(LabelledChart.powerOfTwo(21)).isEqualTo("2 M");
    assertThat(LabelledChart.powerOfTwo(9)).isEqualTo("512");
    assertThat(LabelledChart.powerOfTwo(0)).isEqualTo("1");
    assertThat(LabelledChart.powerOfTwo(31)).isEqualTo("2 G");
    assertThat(LabelledChart.powerOfTwo(-1)).isEqualTo("0.5");
  }

  @Test
  void lossAgainstPosition() throws IOException {
    Map<String, Table> losses = new LinkedHashMap<>();
    losses.put("megabyte", loss(2.1, PositionLoss.logarithmicBins(8192)));
    losses.put("transformer", loss(2.3, PositionLoss.logarithmicBins(1024)));
    XYChart chart = EvaluationFigures.position(losses);
    BufferedImage image = LossCurveTest.draw(chart);
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(0))).isTrue();
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.pale(Theme.LIGHT.color(1), 0.4))).isTrue();
    // bins of 1, 1, 2 and 4 bytes, counted from 1: their means are 1, 2, 3.5 and 6.5
    assertThat(chart.getSeries("megabyte").getXData())
        .startsWith(0, 1, Math.log(3.5) / Math.log(2), Math.log(6.5) / Math.log(2));
    assertThat(chart.getSeries("megabyte + error").isShowInLegend()).isFalse();
    double[] up = chart.getSeries("megabyte + error").getYData();
    double[] down = chart.getSeries("megabyte − error").getYData();
    assertThat(up[0] - down[0]).isCloseTo(0.6, within(1e-9));
  }

  @Test
  void lossAgainstPositionInThePatch() throws IOException {
    Table table = loss(1.8, new long[] {0, 1, 2, 3, 4, 5, 6, 7, 8});
    table.doubleColumn("standard error").set(3, NAN);
    XYChart chart = EvaluationFigures.patch(Map.of("megabyte", table));
    assertThat(LossCurveTest.shows(LossCurveTest.draw(chart), Theme.LIGHT.color(0))).isTrue();
    assertThat(chart.getSeries("megabyte").getXData()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(chart.getSeries("megabyte + error").getXData()).containsExactly(0, 1, 2, 4, 5, 6, 7);
  }

  @Test
  void costAgainstContext() throws IOException {
    Map<String, ModelConfig> models = new LinkedHashMap<>();
    models.put("transformer 320M", ByteTransformerConfig.preset("text"));
    models.put("megabyte 758M + 262M", MegabyteConfig.preset("text"));
    models.put("megalodon 1.3B", MegalodonConfig.preset("1.3b"));
    int[] lengths =
        Arrays.stream(ContextCurve.doubling(1024, 1 << 20)).mapToInt(n -> (int) n).toArray();
    XYChart chart = EvaluationFigures.cost(ModelCost.table(models, lengths));
    BufferedImage image = LossCurveTest.draw(chart);
    for (int i = 0; i < 3; i++) {
      assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(i))).isTrue();
    }
    assertThat(chart.getSeries("transformer 320M").getXData()).hasSize(11);
  }

  @Test
  void throughputOfModels() throws IOException {
    Table table =
        Table.create(
            StringColumn.create("model", "megabyte", "llama", "broken", "megalodon"),
            DoubleColumn.create("bytes/s", 52_300, 31_000, NAN, 22_120.5),
            DoubleColumn.create("utilisation", 0.43, 0.377, NAN, NAN));
    BufferedImage image = LossCurveTest.draw(EvaluationFigures.throughput(table));
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(0))).isTrue();
  }

  @Test
  void perplexityOfWords() throws IOException {
    Table table =
        Table.create(
            StringColumn.create("document", "all", "blank"),
            DoubleColumn.create("word perplexity", 51.2, NAN));
    List<PublishedResult> published =
        PublishedResults.all().where("table", "4.3").task("PG-19 test").list();
    BufferedImage image = LossCurveTest.draw(EvaluationFigures.wordPerplexity(table, published));
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(0))).isTrue();
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.text())).isTrue();
  }

  /** One point is a mark, and none is no data, in every figure. */
  @Test
  void fewPoints() throws IOException {
    XYChart one = EvaluationFigures.context(Map.of("one", curve(2, 4096)), "bits per byte");
    one.setTitle("One point of a context");
    assertThat(LossCurveTest.shows(LossCurveTest.draw(one), Theme.LIGHT.color(0))).isTrue();
    Table nothing = new ContextCurve(List.of(missing(4096)), false).table();
    Table noBins =
        new PositionLoss(List.of(new PositionLoss.Bin(0, 8, 0, 0, NAN, NAN)), false).table();
    int i = 0;
    for (XYChart chart :
        List.of(
            EvaluationFigures.context(Map.of(), "perplexity"),
            EvaluationFigures.context(Map.of("stopped", nothing), "perplexity"),
            EvaluationFigures.position(Map.of("stopped", noBins)),
            EvaluationFigures.patch(Map.of("stopped", noBins)),
            EvaluationFigures.cost(ModelCost.table(Map.of())),
            EvaluationFigures.throughput(TrainingThroughput.table(Map.of())))) {
      chart.setTitle("No evaluation " + i++);
      BufferedImage image = LossCurveTest.draw(chart);
      assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(0))).isFalse();
      assertThat(LossCurveTest.colors(image.getSubimage(400, 180, 140, 120)))
          .as("text in the middle of %s", chart.getTitle())
          .hasSizeGreaterThan(10);
    }
  }

  @Test
  void columnsThatAreNotThereAreNamed() {
    Table table = curve(2, 4096, 8192);
    assertThatThrownBy(() -> EvaluationFigures.context(Map.of("a", table), "loss"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'loss'")
        .hasMessageContaining("word perplexity");
    assertThatThrownBy(() -> EvaluationFigures.throughput(table)).hasMessageContaining("'model'");
  }
}
