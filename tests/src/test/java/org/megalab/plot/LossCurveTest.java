package org.megalab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.megalab.evaluate.TextStatistics;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class LossCurveTest {
  private static final TextStatistics LINES = new TextStatistics(433411, 8, 4.44, 3.49, 2.99, 2.53);

  /**
   * A run as training gives it: from 8 down to {@code end}, noisy, validated every {@code every}
   * steps.
   */
  static Table run(int steps, double end, int every, long seed) {
    Random random = new Random(seed);
    LongColumn step = LongColumn.create("step");
    LongColumn bytes = LongColumn.create("bytes");
    DoubleColumn seconds = DoubleColumn.create("seconds");
    DoubleColumn train = DoubleColumn.create("trainBpb");
    DoubleColumn validation = DoubleColumn.create("validationBpb");
    for (int s = 1; s <= steps; s++) {
      double mean =
          end + (8 - end) * (0.6 * Math.exp(-s * 60.0 / steps) + 0.4 * Math.exp(-s * 5.0 / steps));
      step.append(s);
      bytes.append(s * 8192L);
      seconds.append(s * 0.31);
      train.append(mean + 0.12 * random.nextGaussian());
      if (s % every == 0) {
        validation.append(mean + 0.08);
      } else {
        validation.appendMissing();
      }
    }
    return Table.create("metrics", step, bytes, seconds, train, validation);
  }

  static Table table(double[] step, double[] train) {
    return Table.create(
        "metrics", DoubleColumn.create("step", step), DoubleColumn.create("trainBpb", train));
  }

  static BufferedImage draw(XYChart chart) throws IOException {
    byte[] png = Figures.png(chart, 900, 480);
    String show = System.getProperty("megalab.figures");
    if (show != null) {
      Files.write(Path.of(show, chart.getTitle().replaceAll("\\W+", "-") + ".png"), png);
    }
    return Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(png)));
  }

  static Set<Integer> colors(BufferedImage image) {
    Set<Integer> colors = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        colors.add(image.getRGB(x, y) & 0xFFFFFF);
      }
    }
    return colors;
  }

  static boolean shows(BufferedImage image, Color color) {
    return colors(image).contains(color.getRGB() & 0xFFFFFF);
  }

  private static Table withFlops(Table metrics) {
    return metrics.addColumns(metrics.numberColumn("bytes").multiply(1e6).setName("flops"));
  }

  @ParameterizedTest
  @EnumSource(LossCurve.X.class)
  void drawsARun(LossCurve.X by) throws IOException {
    XYChart chart =
        LossCurve.of(withFlops(run(3000, 2.2, 250, 1)))
            .by(by)
            .references(LINES.lines())
            .title("Run by " + by)
            .chart();
    BufferedImage image = draw(chart);
    assertThat(image.getWidth()).isEqualTo(900);
    assertThat(shows(image, Theme.LIGHT.color(0))).as("training").isTrue();
    assertThat(shows(image, Theme.LIGHT.color(1))).as("validation").isTrue();
    assertThat(shows(image, Theme.LIGHT.muted())).as("reference lines").isTrue();
    assertThat(
            chart.getSeriesCollection().stream()
                .filter(XYSeries::isShowInLegend)
                .map(XYSeries::getName))
        .containsExactly("training", "validation");
    assertThat(chart.getStyler().getYAxisMax()).isBetween(8.0, 9.0); // every line, uniform too
    assertThat(chart.getSeriesCollection().stream().map(XYSeries::getName))
        .contains("reference uniform", "reference xz");
  }

  @Test
  void aCloserLookLeavesLinesOut() throws IOException {
    double[] steps = {1, 2, 3, 4, 5, 6, 7, 8};
    double[] falling = {8, 6, 5, 4, 3.5, 3, 2.8, 2.6};
    XYChart chart =
        LossCurve.of(table(steps, falling)).references(LINES.lines()).yRange(2, 5).chart();
    assertThat(chart.getSeriesCollection().stream().map(XYSeries::getName))
        .contains("reference order 1")
        .doesNotContain("reference uniform");
    draw(chart);
  }

  @Test
  void comparesRuns() throws IOException {
    XYChart chart =
        LossCurve.empty()
            .run("MEGALODON", run(800, 2.0, 100, 1))
            .run("MEGABYTE", run(800, 2.06, 100, 2))
            .run("transformer", run(800, 2.5, 100, 3))
            .references(LINES.lines())
            .title("Three runs")
            .by(LossCurve.X.BYTES)
            .chart();
    BufferedImage image = draw(chart);
    for (int i = 0; i < 3; i++) {
      assertThat(shows(image, Theme.LIGHT.color(i))).as("run %d", i).isTrue();
    }
    assertThatThrownBy(() -> LossCurve.of(run(9, 1, 2, 1)).run("", run(9, 1, 2, 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void longTimesAreInMinutesOrHours() {
    XYChart minutes = LossCurve.of(run(3000, 2.2, 250, 1)).by(LossCurve.X.SECONDS).chart();
    assertThat(minutes.getXAxisTitle()).isEqualTo("training time (minutes)");
    assertThat(minutes.getSeries("validation").getXData()[0])
        .isCloseTo(250 * 0.31 / 60, within(1e-9));
    XYChart hours = LossCurve.of(run(30_000, 2.2, 250, 1)).by(LossCurve.X.SECONDS).chart();
    assertThat(hours.getXAxisTitle()).isEqualTo("training time (hours)");
  }

  @Test
  void naturalLogarithmsBecomeBits() {
    Table table =
        Table.create(
            DoubleColumn.create("step", new double[] {1, 2}),
            DoubleColumn.create("trainLoss", new double[] {8 * Math.log(2), 3 * Math.log(2)}));
    XYSeries series = LossCurve.of(table).smoothing(0).chart().getSeries("training");
    assertThat(series.getYData()).containsExactly(new double[] {8, 3}, within(1e-12));
  }

  @Test
  void notFiniteValuesAreLeftOut() throws IOException {
    double nan = Double.NaN;
    double[] steps = {1, 2, 3, 4, 5, nan, 7};
    double[] train = {5, nan, 4, Double.POSITIVE_INFINITY, 3.5, 3, Double.NEGATIVE_INFINITY};
    XYChart chart = LossCurve.of(table(steps, train)).title("Not finite").chart();
    assertThat(chart.getSeries("training").getXData()).containsExactly(1, 3, 5);
    assertThat(shows(draw(chart), Theme.LIGHT.color(0))).isTrue();
  }

  @Test
  void onePointIsDrawn() throws IOException {
    XYChart chart =
        LossCurve.of(table(new double[] {10}, new double[] {6}))
            .references(LINES.lines())
            .title("One point")
            .chart();
    assertThat(shows(draw(chart), Theme.LIGHT.color(0))).isTrue();
    draw(LossCurve.of(table(new double[] {0}, new double[] {0})).title("One zero").chart());
    draw(LossCurve.of(table(new double[] {1, 1}, new double[] {3, 3})).title("Same twice").chart());
  }

  @Test
  void nothingIsDrawnAsNoData() throws IOException {
    List<XYChart> charts = new ArrayList<>();
    charts.add(
        LossCurve.of(table(new double[0], new double[0]))
            .title("No rows")
            .references(LINES.lines())
            .chart());
    charts.add(
        LossCurve.of(table(new double[] {1}, new double[] {Double.NaN})).title("Only NaN").chart());
    charts.add(LossCurve.empty().title("No runs").by(LossCurve.X.SECONDS).chart());
    for (XYChart chart : charts) {
      BufferedImage image = draw(chart);
      BufferedImage middle = image.getSubimage(400, 200, 140, 60);
      assertThat(colors(middle)).as("text in the middle").hasSizeGreaterThan(10);
      assertThat(shows(image, Theme.LIGHT.color(0))).isFalse();
    }
  }

  @Test
  void validationAloneIsDrawn() throws IOException {
    Table table =
        Table.create(
            DoubleColumn.create("step", new double[] {1, 2}),
            DoubleColumn.create("trainBpb", new double[] {Double.NaN, Double.NaN}),
            DoubleColumn.create("validationBpb", new double[] {4, 3}));
    assertThat(
            shows(draw(LossCurve.of(table).title("Validation only").chart()), Theme.LIGHT.color(1)))
        .isTrue();
  }

  @Test
  void extremeValuesDoNotThrow() throws IOException {
    double[] steps = {1, 2, 3, 4};
    draw(
        LossCurve.of(table(steps, new double[] {1e300, 1e-300, 1e308, -1e308}))
            .title("Huge")
            .chart());
    draw(LossCurve.of(table(new double[] {-1e18, 0, 1e18, 2e18}, steps)).title("Far").chart());
  }

  @Test
  void curvesOutsideThePlotAreLabelledAtItsEdge() throws IOException {
    BufferedImage image =
        draw(
            LossCurve.of(run(10, 2, 3, 1))
                .references(LINES.lines())
                .yRange(100, 101)
                .title("Elsewhere")
                .chart());
    assertThat(shows(image.getSubimage(770, 370, 130, 50), Theme.LIGHT.color(0))).isTrue();
    assertThat(shows(image.getSubimage(0, 0, 900, 370), Theme.LIGHT.color(0))).isFalse();
  }

  @Test
  void missingColumnsAreNamed() {
    assertThatThrownBy(
            () ->
                LossCurve.of(table(new double[] {1}, new double[] {1}))
                    .by(LossCurve.X.BYTES)
                    .chart())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'bytes'", "[step, trainBpb]");
    Table text =
        Table.create(
            DoubleColumn.create("step", new double[] {1}), StringColumn.create("trainBpb", "x"));
    assertThatThrownBy(() -> LossCurve.of(text).chart())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'trainBpb'", "'trainLoss'");
    assertThatThrownBy(() -> LossCurve.empty().smoothing(1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LossCurve.empty().smoothing(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LossCurve.empty().yRange(2, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** m₁ = y₁, and then by hand with β = 1/2: (½·½·y₁ + ½·y₂) / ¾. */
  @Test
  void averageIsCorrectedForItsStart() {
    Curve curve = new Curve(new double[] {1, 2, 3}, new double[] {6, 3, 3}).smoothed(0.5);
    assertThat(curve.y())
        .containsExactly(
            new double[] {6, 4, (0.125 * 6 + 0.25 * 3 + 0.5 * 3) / 0.875}, within(1e-12));
  }

  @Test
  void thinningKeepsTheExtremes() {
    double[] x = new double[10_000];
    double[] y = new double[10_000];
    Arrays.setAll(x, i -> i);
    Arrays.setAll(y, i -> Math.sin(i * 0.7));
    y[7777] = 9;
    y[1234] = -9;
    Curve thin = new Curve(x, y).thinned(100);
    assertThat(thin.size()).isEqualTo(200);
    assertThat(thin.x()).isSorted();
    assertThat(thin.y()).contains(9, -9);
    assertThat(thin.x()[Arrays.stream(thin.y()).boxed().toList().indexOf(9.0)]).isEqualTo(7777);
  }

  @Test
  void labelsNeverOverlap() {
    Random random = new Random(3);
    for (int trial = 0; trial < 500; trial++) {
      double[] wanted = random.doubles(1 + random.nextInt(15), 40, 380).sorted().toArray();
      double[] at = new double[wanted.length];
      LabelledChart.spread(wanted, at, 40, 380);
      for (int i = 0; i < at.length; i++) {
        assertThat(at[i]).isBetween(40 - 1e-9, 380 + 1e-9);
        if (i > 0) {
          assertThat(at[i] - at[i - 1]).isGreaterThanOrEqualTo(15 - 1e-9);
        }
      }
    }
  }
}
