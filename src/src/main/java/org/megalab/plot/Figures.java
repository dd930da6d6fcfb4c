package org.megalab.plot;

import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.knowm.xchart.internal.chartpart.Chart;

/** Turns charts into pictures, without a screen. */
public final class Figures {
  private Figures() {}

  /**
   * The chart as a PNG file's bytes.
   *
   * @throws IllegalArgumentException if a side is below 1 or above 16384 pixels
   */
  public static byte[] png(Chart<?, ?> chart, int width, int height) {
    if (Math.min(width, height) < 1 || Math.max(width, height) > 16384) {
      throw new IllegalArgumentException(
          "a picture of %d by %d pixels cannot be drawn; each side may have 1 to 16384"
              .formatted(width, height));
    }
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      chart.paint(graphics, width, height);
    } finally {
      graphics.dispose();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("the picture cannot be encoded: " + e, e);
    }
    return out.toByteArray();
  }

  /**
   * The chart as an SVG element in the chart's own size, ready to stand in an HTML page: no XML
   * declaration, no DOCTYPE, all text drawn as outlines, and the chart's title as the element's.
   */
  public static String svg(Chart<?, ?> chart) {
    VectorGraphics2D graphics = new VectorGraphics2D();
    chart.paint(graphics, chart.getWidth(), chart.getHeight());
    PageSize page = new PageSize(0, 0, chart.getWidth(), chart.getHeight());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Processors.get("svg").getDocument(graphics.getCommands(), page).writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("the figure cannot be encoded: " + e, e);
    }
    String svg = out.toString(StandardCharsets.UTF_8);
    int start = svg.indexOf("<svg");
    int inside = svg.indexOf('>', start) + 1;
    String title = "<title>" + escape(chart.getTitle()) + "</title>";
    return svg.substring(start, inside) + title + svg.substring(inside);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /**
   * Writes the chart in its own size to a file, as PNG or SVG by the file's extension.
   *
   * @throws IllegalArgumentException if the extension is another
   * @throws UncheckedIOException if the file cannot be written
   */
  public static void save(Chart<?, ?> chart, Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    byte[] bytes;
    if (name.endsWith(".png")) {
      bytes = png(chart, chart.getWidth(), chart.getHeight());
    } else if (name.endsWith(".svg")) {
      bytes = svg(chart).getBytes(StandardCharsets.UTF_8);
    } else {
      throw new IllegalArgumentException(
          file + ": unknown kind of picture; end the name in .png or .svg");
    }
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(
          file.toAbsolutePath()
              + ": the picture cannot be written: "
              + e
              + "; check that the folder exists",
          e);
    }
  }
}
