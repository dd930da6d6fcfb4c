package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code %plot}. */
class PlotMagicTest extends MagicsFixture {

  @Test
  void plotShowsPngOrSvgAndSaves() throws Exception {
    trainTwoSteps("plotted");
    line("plot");
    assertThat(last("image/png")).startsWith("iVBORw0KGgo");
    assertThat(last("text/plain")).contains("chart");
    Path png = folder.resolve("curve.png");
    Path svg = folder.resolve("curve.svg");
    for (String x : new String[] {"step", "bytes", "SECONDS", "flops"}) {
      line("plot", "--svg", "--x", x, "--save", svg.toString());
      assertThat(last("image/svg+xml")).startsWith("<svg");
      assertThat(last("image/png")).isEmpty();
    }
    line("plot", "--no-references", "--data", "nowhere", "--save", png.toString());
    assertThat(Files.readAllBytes(png)).startsWith(0x89, 'P', 'N', 'G');
    assertThat(Files.readString(svg)).contains("<svg");
  }
}
