package org.megalab.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;

class BarsTest {

  /** The pixels of a colour in the rows of a bar, of as many bars one below the other. */
  private static long length(BufferedImage image, int bar, int count, Color color) {
    int y = (int) (56 + (bar + 0.5) * (image.getHeight() - 56 - 48) / count);
    int n = 0;
    for (int x = 0; x < image.getWidth(); x++) {
      n += (image.getRGB(x, y) & 0xFFFFFF) == (color.getRGB() & 0xFFFFFF) ? 1 : 0;
    }
    return n;
  }

  @Test
  void barsAreAsLongAsTheirValues() throws IOException {
    XYChart chart =
        Bars.of("Bars of several")
            .x("bytes/s")
            .bar("megabyte", 40_000)
            .bar("a half", 20_000, "half as much")
            .bar("not measured", Double.NaN)
            .pale("published", 10_000)
            .bar("nothing", 0)
            .bar("an architecture with a very long name that has no room at the left ".repeat(3), 5)
            .chart();
    BufferedImage image = LossCurveTest.draw(chart);
    long whole = length(image, 0, 6, Theme.LIGHT.color(0));
    assertThat(whole).isGreaterThan(200);
    assertThat(length(image, 1, 6, Theme.LIGHT.color(0))).isBetween(whole / 2 - 2, whole / 2 + 2);
    assertThat(length(image, 2, 6, Theme.LIGHT.color(0))).isZero();
    assertThat(length(image, 3, 6, Theme.LIGHT.pale(Theme.LIGHT.color(0), 0.4)))
        .isBetween(whole / 4 - 2, whole / 4 + 2);
    assertThat(length(image, 4, 6, Theme.LIGHT.color(0))).isLessThan(3);
    assertThat(chart.getXAxisTitle()).isEqualTo("bytes/s");
  }

  @Test
  void oneBarIsAFigure() throws IOException {
    BufferedImage image = LossCurveTest.draw(Bars.of("One bar").bar("one", 3.25).chart());
    assertThat(length(image, 0, 1, Theme.LIGHT.color(0))).isGreaterThan(500);
  }

  @Test
  void noBarsAreNoData() throws IOException {
    for (Bars bars :
        new Bars[] {
          Bars.of("No bars"),
          Bars.of("No values of bars")
              .bar("a", Double.NaN)
              .bar("b", -1)
              .bar("c", Double.POSITIVE_INFINITY)
        }) {
      BufferedImage image = LossCurveTest.draw(bars.chart());
      assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(0))).isFalse();
      assertThat(LossCurveTest.colors(image.getSubimage(400, 200, 100, 80)))
          .as("text in the middle")
          .hasSizeGreaterThan(10);
    }
  }
}
