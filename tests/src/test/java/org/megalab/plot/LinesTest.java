package org.megalab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;

class LinesTest {
  private static final double NAN = Double.NaN;

  @Test
  void drawsEachLineInItsColour() throws IOException {
    XYChart chart =
        Lines.of("Lines")
            .x("step")
            .y("value")
            .line("rising", new float[] {0, 1, 2})
            .line("falling", new double[] {2, 1, 0})
            .pale("flat", new double[] {0, 2}, new double[] {1.5, 1.5})
            .chart();
    BufferedImage image = LossCurveTest.draw(chart);
    for (int i = 0; i < 2; i++) {
      assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(i))).as("line %d", i).isTrue();
    }
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.pale(Theme.LIGHT.color(1), 0.4))).isTrue();
    assertThat(chart.getSeries("flat").isShowInLegend()).isFalse();
    assertThat(chart.getSeriesCollection().stream().map(XYSeries::getName))
        .as("pale lines lie beneath the others")
        .containsExactly("flat", "rising", "falling");
    assertThat(chart.getSeries("rising").getXData()).containsExactly(0, 1, 2);
    assertThat(chart.getXAxisTitle()).isEqualTo("step");
  }

  @Test
  void manyLinesAreNamedBesideThePlot() throws IOException {
    Lines lines = Lines.of("Many");
    for (int i = 0; i < 7; i++) {
      lines.line("line " + i, new double[] {i, i + 1});
    }
    assertThat(lines.chart().getStyler().getLegendPosition()).isEqualTo(LegendPosition.OutsideS);
    XYChart chart = lines.line("line 7", new double[] {7, 8}).chart();
    assertThat(chart.getStyler().getLegendPosition()).isEqualTo(LegendPosition.OutsideE);
    assertThat(LossCurveTest.shows(LossCurveTest.draw(chart), Theme.LIGHT.color(7))).isTrue();
  }

  @Test
  void whatCannotBeDrawnIsLeftOut() throws IOException {
    XYChart chart =
        Lines.of("Not finite lines")
            .line("gap", new double[] {1, NAN, 3, Double.POSITIVE_INFINITY, 2})
            .line("nothing", new double[] {NAN})
            .line("other", new double[] {0, 1})
            .chart();
    assertThat(chart.getSeries("gap").getXData()).containsExactly(0, 2, 4);
    assertThat(chart.getSeriesCollection().stream().map(XYSeries::getName))
        .containsExactly("gap", "other");
    BufferedImage image = LossCurveTest.draw(chart);
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(2))).as("keeps its colour").isTrue();
    assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(1))).isFalse();
  }

  @Test
  void logarithmicAxesTakePositivePointsOnly() throws IOException {
    XYChart chart =
        Lines.of("Logarithmic")
            .logX()
            .logY()
            .line("power", new double[] {0, 1, 10, 100, 1000}, new double[] {5, 1, 0, 10, 1e4})
            .chart();
    assertThat(chart.getSeries("power").getXData()).containsExactly(1, 100, 1000);
    assertThat(LossCurveTest.shows(LossCurveTest.draw(chart), Theme.LIGHT.color(0))).isTrue();
  }

  @Test
  void onePointIsAMark() throws IOException {
    XYChart chart = Lines.of("One point of a line").line("one", new double[] {3}).chart();
    assertThat(LossCurveTest.shows(LossCurveTest.draw(chart), Theme.LIGHT.color(0))).isTrue();
    XYChart both = Lines.of("One, log").logX().logY().line("one", new double[] {0, 3}).chart();
    assertThat(LossCurveTest.shows(LossCurveTest.draw(both), Theme.LIGHT.color(0))).isTrue();
  }

  @Test
  void nothingIsDrawnAsNoData() throws IOException {
    for (Lines lines :
        new Lines[] {
          Lines.of("No lines"),
          Lines.of("No points").line("none", new double[0]),
          Lines.of("None positive").logY().line("below", new double[] {0, -1, NAN})
        }) {
      BufferedImage image = LossCurveTest.draw(lines.chart());
      assertThat(LossCurveTest.colors(image.getSubimage(400, 180, 140, 80)))
          .as("text in the middle")
          .hasSizeGreaterThan(10);
      assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(0))).isFalse();
    }
  }

  @Test
  void mistakesAreNamed() {
    assertThatThrownBy(() -> Lines.of("").line("a", new double[2], new double[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'a'", "2 positions", "3 values");
    assertThatThrownBy(() -> Lines.of("").line("a", new double[2]).line("a", new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another name");
  }
}
