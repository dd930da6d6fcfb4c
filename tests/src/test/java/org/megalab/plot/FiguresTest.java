package org.megalab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;
import org.w3c.dom.Element;

class FiguresTest {
  @TempDir Path folder;

  private static XYChart chart() {
    return LossCurve.of(LossCurveTest.run(200, 2, 20, 1))
        .reference("gzip & <xz>", 2.5)
        .title("A < B & \"C\"")
        .chart();
  }

  @Test
  void pngHasTheSizeAsked() throws Exception {
    for (int[] size : new int[][] {{900, 480}, {300, 200}, {1800, 960}, {1, 1}}) {
      byte[] png = Figures.png(chart(), size[0], size[1]);
      BufferedImage image = Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(png)));
      assertThat(image.getWidth()).isEqualTo(size[0]);
      assertThat(image.getHeight()).isEqualTo(size[1]);
    }
    assertThatThrownBy(() -> Figures.png(chart(), 0, 10))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Figures.png(chart(), 10, 20_000)).hasMessageContaining("16384");
  }

  @Test
  void drawingDoesNotChangeTheChart() {
    XYChart chart = chart();
    int width = chart.getWidth();
    byte[] first = Figures.png(chart, 900, 480);
    assertThat(Figures.png(chart, 900, 480)).isEqualTo(first);
    assertThat(chart.getWidth()).isEqualTo(width);
  }

  @Test
  void svgIsAnElementThatStandsInHtml() throws Exception {
    String svg = Figures.svg(chart());
    assertThat(svg).startsWith("<svg").doesNotContain("<?xml").doesNotContain("<!DOCTYPE");
    Element root =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
            .getDocumentElement();
    assertThat(root.getTagName()).isEqualTo("svg");
    assertThat(root.getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo("A < B & \"C\"");
    assertThat(root.getElementsByTagName("path").getLength()).isGreaterThan(20);
    // outlines, not text: a page's fonts do not matter
    assertThat(root.getElementsByTagName("text").getLength()).isZero();
  }

  @Test
  void savesByExtension() throws Exception {
    Path png = folder.resolve("curve.PNG");
    Figures.save(chart(), png);
    assertThat(Objects.requireNonNull(ImageIO.read(png.toFile())).getWidth()).isEqualTo(900);
    Path svg = folder.resolve("curve.svg");
    Figures.save(chart(), svg);
    assertThat(Files.readString(svg)).isEqualTo(Figures.svg(chart()));
    assertThatThrownBy(() -> Figures.save(chart(), folder.resolve("curve.gif")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("curve.gif", ".png or .svg");
    assertThatThrownBy(() -> Figures.save(chart(), folder.resolve("gone/curve.svg")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("gone");
  }
}
