package org.megalab.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.knowm.xchart.XYChart;

class ThemeTest {

  /** How linear sRGB is seen (Machado, Oliveira and Fernandes 2009, severity 1). */
  private static final Map<String, double[][]> SIGHT =
      Map.of(
          "normal", new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
          "protanopia",
              new double[][] {
                {0.152286, 1.052583, -0.204868},
                {0.114503, 0.786281, 0.099216},
                {-0.003882, -0.048116, 1.051998}
              },
          "deuteranopia",
              new double[][] {
                {0.367322, 0.860646, -0.227968},
                {0.280085, 0.672501, 0.047413},
                {-0.011820, 0.042940, 0.968881}
              });

  static List<Theme> themes() {
    return List.of(Theme.LIGHT, Theme.DARK);
  }

  private static double[] times(double[][] matrix, double[] vector) {
    double[] result = new double[3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        result[i] += matrix[i][j] * vector[j];
      }
    }
    return result;
  }

  /** CIELAB of a colour as it is seen. */
  private static double[] lab(Color color, double[][] sight) {
    float[] c = color.getRGBColorComponents(null);
    double[] light = {Theme.linear(c[0]), Theme.linear(c[1]), Theme.linear(c[2])};
    double[] seen = times(sight, light);
    for (int i = 0; i < 3; i++) {
      seen[i] = Math.max(0, Math.min(1, seen[i]));
    }
    double[][] toXyz = {
      {0.4124564, 0.3575761, 0.1804375},
      {0.2126729, 0.7151522, 0.0721750},
      {0.0193339, 0.1191920, 0.9503041}
    };
    double[] xyz = times(toXyz, seen);
    double[] white = times(toXyz, new double[] {1, 1, 1});
    double[] f = new double[3];
    for (int i = 0; i < 3; i++) {
      double t = xyz[i] / white[i];
      f[i] = t > 216.0 / 24389 ? Math.cbrt(t) : (24389.0 / 27 * t + 16) / 116;
    }
    return new double[] {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
  }

  private static double distance(Color a, Color b, double[][] sight) {
    double[] p = lab(a, sight);
    double[] q = lab(b, sight);
    return Math.sqrt(
        Math.pow(p[0] - q[0], 2) + Math.pow(p[1] - q[1], 2) + Math.pow(p[2] - q[2], 2));
  }

  /** The oracle itself: red and green are far apart for most eyes, and near for some. */
  @Test
  void theSimulationConfusesRedAndGreen() {
    Color red = new Color(0xB05030);
    Color green = new Color(0x6B7A2B);
    assertThat(distance(red, green, SIGHT.get("normal"))).isGreaterThan(40);
    assertThat(distance(red, green, SIGHT.get("deuteranopia"))).isLessThan(15);
    assertThat(distance(Color.WHITE, Color.BLACK, SIGHT.get("protanopia"))).isGreaterThan(99);
  }

  @ParameterizedTest
  @MethodSource("themes")
  void coloursDifferForEveryEye(Theme theme) {
    List<Color> palette = theme.palette();
    assertThat(palette).hasSize(10);
    SIGHT.forEach(
        (name, sight) -> {
          for (int i = 0; i < palette.size(); i++) {
            for (int j = 0; j < i; j++) {
              assertThat(distance(palette.get(i), palette.get(j), sight))
                  .as("%s: colours %d and %d, %s", theme, i, j, name)
                  .isGreaterThan(19.9);
            }
          }
        });
  }

  @ParameterizedTest
  @MethodSource("themes")
  void everythingStandsOutFromThePlate(Theme theme) {
    for (Color color : theme.palette()) {
      assertThat(Theme.contrast(color, theme.plate())).as("%s %s", theme, color).isGreaterThan(3);
    }
    assertThat(Theme.contrast(theme.text(), theme.plate())).isGreaterThan(7);
    assertThat(Theme.contrast(theme.muted(), theme.plate())).isGreaterThan(4.5);
    assertThat(Theme.contrast(Color.BLACK, Color.WHITE)).isEqualTo(21);
  }

  @Test
  void aChartChangesItsThemeAndBack() throws IOException {
    XYChart chart = Lines.of("Themes").line("line", new double[] {1, 2, 3}).chart();
    byte[] light = Figures.png(chart, 900, 420);
    BufferedImage dark = LossCurveTest.draw(Theme.DARK.of(chart));
    assertThat(dark.getRGB(2, 2) & 0xFFFFFF).isEqualTo(Theme.DARK.plate().getRGB() & 0xFFFFFF);
    assertThat(LossCurveTest.shows(dark, Theme.DARK.color(0))).isTrue();
    assertThat(LossCurveTest.shows(dark, Theme.LIGHT.color(0))).isFalse();
    assertThat(LossCurveTest.shows(dark, Theme.LIGHT.plate())).isFalse();
    assertThat(Figures.png(Theme.LIGHT.of(chart), 900, 420)).isEqualTo(light);
  }

  /** Also a chart of XChart's own. */
  @Test
  void otherChartsTakeThemes() throws IOException {
    XYChart chart = new XYChart(300, 200);
    chart.addSeries("points", new double[] {1, 2, 3}, new double[] {1, 3, 2});
    BufferedImage image = LossCurveTest.draw(Theme.DARK.of(chart));
    assertThat(image.getRGB(2, 2) & 0xFFFFFF).isEqualTo(Theme.DARK.plate().getRGB() & 0xFFFFFF);
    assertThat(LossCurveTest.shows(image, Theme.DARK.color(0))).isTrue();
  }
}
