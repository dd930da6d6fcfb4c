package org.megalab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;

class HeatMapTest {
  private static final double NAN = Double.NaN;

  private static BufferedImage draw(XYChart chart) throws IOException {
    byte[] png = Figures.png(chart, chart.getWidth(), chart.getHeight());
    return Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(png)));
  }

  /** The colour in the middle of a cell of the first panel, which is 380 pixels wide. */
  private static int cell(BufferedImage image, int size, int row, int column) {
    double side = 380.0 / size;
    int x = (int) (70 + (column + 0.5) * side);
    int y = (int) (68 + (row + 0.5) * side);
    return image.getRGB(x, y) & 0xFFFFFF;
  }

  private static int rgb(java.awt.Color color) {
    return color.getRGB() & 0xFFFFFF;
  }

  @Test
  void rowZeroIsAtTheTopAndColoursGrowStronger() throws IOException {
    double[][] rows = {{0, 1}, {0.5, NAN}};
    BufferedImage image = draw(HeatMap.of("Cells").x("column").y("row").panel("one", rows).chart());
    assertThat(cell(image, 2, 0, 0)).isEqualTo(rgb(Theme.LIGHT.plate()));
    assertThat(cell(image, 2, 0, 1)).isEqualTo(rgb(Theme.LIGHT.color(0)));
    assertThat(cell(image, 2, 1, 0)).isEqualTo(rgb(Theme.LIGHT.pale(Theme.LIGHT.color(0), 0.5)));
    assertThat(cell(image, 2, 1, 1)).as("not finite").isEqualTo(rgb(Theme.LIGHT.grid()));
  }

  @Test
  void aRangeIsKept() throws IOException {
    double[][] rows = {{-5, 5}, {1, 2}};
    BufferedImage image = draw(HeatMap.of("Range").panel("", rows).range(0, 2).chart());
    assertThat(cell(image, 2, 0, 0)).isEqualTo(rgb(Theme.LIGHT.plate()));
    assertThat(cell(image, 2, 0, 1)).isEqualTo(rgb(Theme.LIGHT.color(0)));
    assertThat(cell(image, 2, 1, 0)).isEqualTo(rgb(Theme.LIGHT.pale(Theme.LIGHT.color(0), 0.5)));
  }

  @Test
  void panelsStandSideBySide() throws IOException {
    float[] values = new float[48 * 48];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 48 <= i / 48 ? 1f / (i / 48 + 1) : 0;
    }
    HeatMap map = HeatMap.of("Panels").x("key").y("query");
    for (int i = 0; i < 3; i++) {
      map.panel("panel " + i, values, 48);
    }
    XYChart chart = map.chart();
    assertThat(chart.getWidth()).isBetween(850, 900);
    assertThat(LossCurveTest.shows(draw(chart), Theme.LIGHT.color(0))).isTrue();
    assertThat(Figures.svg(chart)).contains("<title>Panels</title>");
    assertThat(Figures.png(chart, 1, 1)).isNotEmpty();
  }

  @Test
  void oneCellIsDrawn() throws IOException {
    BufferedImage image = draw(HeatMap.of("One").panel("", new double[][] {{7}}).chart());
    assertThat(cell(image, 1, 0, 0)).isEqualTo(rgb(Theme.LIGHT.color(0)));
  }

  @Test
  void nothingIsDrawnAsNoData() throws IOException {
    for (HeatMap map :
        new HeatMap[] {
          HeatMap.of("No panels"),
          HeatMap.of("No rows").panel("none", new double[0][]),
          HeatMap.of("No columns").panel("none", new double[2][0]),
          HeatMap.of("Only NaN").panel("none", new double[][] {{NAN, NAN}})
        }) {
      BufferedImage image = draw(map.chart());
      int middle = image.getWidth() / 2;
      int height = image.getHeight() / 2;
      assertThat(LossCurveTest.colors(image.getSubimage(middle - 60, height - 20, 120, 40)))
          .as("text in the middle")
          .hasSizeGreaterThan(10);
      assertThat(LossCurveTest.shows(image, Theme.LIGHT.color(0))).isFalse();
    }
  }

  @Test
  void mistakesAreNamed() {
    HeatMap map = HeatMap.of("").panel("a", new double[2][3]);
    assertThatThrownBy(() -> map.panel("b", new double[3][3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'a' is 2 x 3", "'b' is 3 x 3");
    assertThatThrownBy(() -> map.panel("b", new double[][] {{1, 2}, {1}}))
        .hasMessageContaining("rows of 2 and of 1");
    assertThatThrownBy(() -> map.panel("b", new float[7], 2)).hasMessageContaining("7 values");
    assertThatThrownBy(() -> map.range(1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> map.range(NAN, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
