package org.megalab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class StudyFiguresTest {

  private static Table study(double deviation) {
    return Table.create(
        StringColumn.create("arm", "P = 16", "P = 4", "P = 8"),
        IntColumn.create("patchSize", 16, 4, 8),
        DoubleColumn.create("mean", 2, 4, 3),
        DoubleColumn.create("standard deviation", deviation, deviation, deviation),
        DoubleColumn.create("FLOPs", 1e9, 3e9, 2e9));
  }

  /** The number of pixels in a column of pixels that are more blue than red, also half covered. */
  private static int height(BufferedImage image, int x) {
    int n = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      Color color = new Color(image.getRGB(x, y));
      n += color.getBlue() - color.getRed() > 40 ? 1 : 0;
    }
    return n;
  }

  private static int tallest(XYChart chart) throws IOException {
    BufferedImage image = LossCurveTest.draw(chart);
    int tallest = 0;
    for (int x = 100; x < image.getWidth() - 60; x++) {
      tallest = Math.max(tallest, height(image, x));
    }
    return tallest;
  }

  @Test
  void sweepsAndTradeOffsAreInOrder() {
    XYChart sweep = StudyFigures.sweep(study(0.1), "patchSize");
    assertThat(sweep.getSeries("bits per byte").getXData()).containsExactly(2, 3, 4);
    assertThat(sweep.getSeries("bits per byte").getYData()).containsExactly(4, 3, 2);
    XYChart tradeOff = StudyFigures.tradeOff(study(0.1), "FLOPs");
    assertThat(tradeOff.getSeries("bits per byte").getXData()).containsExactly(1e9, 2e9, 3e9);
    assertThat(tradeOff.getSeries("bits per byte").getYData()).containsExactly(2, 3, 4);
  }

  /** Error bars of half of the axis take about half of the plot's height, of about 330 pixels. */
  @Test
  void errorBarsAreAsLongAsTheirValues() throws IOException {
    assertThat(tallest(StudyFigures.sweep(study(Double.NaN), "patchSize"))).isLessThan(30);
    // from 4 + 1 down to 2 - 1, and a tenth of that as room: 2 of 4.4
    assertThat(tallest(StudyFigures.sweep(study(1), "patchSize"))).isBetween(140, 190);
    assertThat(StudyFigures.sweep(study(1), "patchSize").getStyler().getYAxisMax())
        .isCloseTo(5.2, within(1e-9));
  }

  /** A grid's cells are the means of their rows, in the order in which settings occur. */
  @Test
  void gridsTakeMeans() throws IOException {
    Table rows =
        Table.create(
            IntColumn.create("layers", 1, 1, 2, 2, 2),
            StringColumn.create("norm", "rms", "layer", "rms", "layer", "layer"),
            DoubleColumn.create("mean", 1, 2, 3, 0, 2));
    XYChart chart = StudyFigures.grid(rows, "layers", "norm", "mean");
    BufferedImage image = LossCurveTest.draw(chart);
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(0))).as("3, the most").isTrue();
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.plate())).as("1, the least").isTrue();
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.pale(Theme.LIGHT.color(0), 0.5))).isTrue();
  }

  @Test
  void publishedNumbersStandBelow() throws IOException {
    List<PublishedResult> published =
        PublishedResults.all().task("arXiv ablation").metric("bits per byte").list();
    XYChart chart = StudyFigures.bitsPerByte(study(0.1), published).chart();
    assertThat(chart.getHeight() - StudyFigures.bitsPerByte(study(0.1)).getHeight())
        .isEqualTo(6 * 34); // a heading and five numbers
  }

  @Test
  void columnsThatAreNotThereAreNamed() {
    Table table = study(1).removeColumns("mean");
    assertThatThrownBy(() -> StudyFigures.bitsPerByte(table))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'mean'", "standard deviation");
    assertThatThrownBy(() -> StudyFigures.sweep(study(1), "arm"))
        .hasMessageContaining("no numeric column 'arm'");
  }

  /** Half of a and half of its neighbour: cos(πf). A single impulse passes everything. */
  @Test
  void gainsAreThoseOfKnownFilters() {
    double[] frequencies = {0, 0.125, 0.25, 0.5};
    double[] mean = LayerFigures.gain(new double[] {0.5, 0.5}, frequencies);
    for (int i = 0; i < 4; i++) {
      assertThat(mean[i]).isCloseTo(Math.cos(Math.PI * frequencies[i]), within(1e-12));
    }
    assertThat(LayerFigures.gain(new double[] {-2}, frequencies)).containsOnly(2);
    assertThat(LayerFigures.gain(new double[0], frequencies)).containsOnly(Double.NaN);
    assertThatThrownBy(() -> LayerFigures.attention(Map.of("map", new float[5])))
        .hasMessageContaining("5 weights, which are no square");
  }

  @Test
  void numbersAreShort() {
    assertThat(Format.count(52_300)).isEqualTo("52.3 k");
    assertThat(Format.value(3818.61)).isEqualTo("3819");
    assertThat(Format.value(0.9079)).isEqualTo("0.9079");
    assertThat(Format.value(0)).isEqualTo("0");
    assertThat(Format.tick(4.448)).isEqualTo("4.448");
    assertThat(Format.tick(-0.05)).isEqualTo("-0.05");
    assertThat(Format.tick(3_200)).isEqualTo("3200");
    assertThat(Format.magnitude(0.1)).isEqualTo("0.1");
    assertThat(Format.magnitude(1e-7)).isEqualTo("1e-07");
    assertThat(Format.magnitude(1e8)).isEqualTo("100 M");
    assertThat(Format.within(0.012, 4.5473)).isEqualTo("4.5473");
    assertThat(Format.within(1, 0.5)).isEqualTo("0.5");
    assertThat(Format.within(Double.NaN, 7)).isEqualTo("7");
    for (double step : new double[] {0.3, 1, 1.2, 2.5, 7, 30}) {
      assertThat(IntervalChart.step(step)).isBetween(step, 2.5 * step);
    }
  }
}
