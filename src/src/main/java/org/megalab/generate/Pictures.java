package org.megalab.generate;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import org.megalab.data.file.ImageFile;
import org.megalab.data.file.Picture;

/** Bytes as pictures, pictures side by side, and PNG files of them. */
public final class Pictures {

  private static final int MARGIN = 2;
  private static final int CAPTION = 18;

  private Pictures() {}

  /**
   * Returns the picture of bytes row by row, red, green and blue of a pixel together.
   *
   * @param raster 3 n² bytes
   * @param side n
   */
  public static BufferedImage image(byte[] raster, int side) {
    return new Picture(side, side, 3, raster).image();
  }

  /**
   * Returns the picture of grey pixels row by row.
   *
   * @param pixels n² bytes
   * @param side n
   */
  public static BufferedImage grey(byte[] pixels, int side) {
    byte[] raster = new byte[3 * pixels.length];
    for (int i = 0; i < raster.length; i++) {
      raster[i] = pixels[i / 3];
    }
    return image(raster, side);
  }

  /** Returns the bytes of a picture row by row, red, green and blue of a pixel together. */
  public static byte[] raster(BufferedImage image) {
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    byte[] raster = new byte[3 * pixels.length];
    for (int p = 0; p < pixels.length; p++) {
      raster[3 * p] = (byte) (pixels[p] >> 16);
      raster[3 * p + 1] = (byte) (pixels[p] >> 8);
      raster[3 * p + 2] = (byte) pixels[p];
    }
    return raster;
  }

  /**
   * Returns pictures of one size in rows, with white between them.
   *
   * @param images at least one
   * @param columns how many stand in a row
   * @param scale how many pixels of the result, in each direction, one pixel becomes
   * @throws IllegalArgumentException if there are no images, or a number is not positive
   */
  public static BufferedImage grid(List<BufferedImage> images, int columns, int scale) {
    return grid(images, List.of(), columns, scale);
  }

  /**
   * Returns pictures of one size in rows, each with a caption below.
   *
   * @param images at least one
   * @param captions one an image, such as a class; none for a grid without captions
   * @param columns how many stand in a row
   * @param scale how many pixels of the result, in each direction, one pixel becomes
   * @throws IllegalArgumentException if there are no images, a number is not positive, or there are
   *     captions for some images only
   */
  public static BufferedImage grid(
      List<BufferedImage> images, List<String> captions, int columns, int scale) {
    if (!captions.isEmpty() && captions.size() != images.size()) {
      throw new IllegalArgumentException(
          "%d captions do not fit %d images; give one an image, or none"
              .formatted(captions.size(), images.size()));
    }
    if (images.isEmpty() || columns < 1 || scale < 1) {
      throw new IllegalArgumentException(
          "a grid needs at least one image, one column and the scale 1; got %d images, %d columns and the scale %d"
              .formatted(images.size(), columns, scale));
    }
    int width = images.get(0).getWidth() * scale;
    int height = images.get(0).getHeight() * scale;
    int rows = (images.size() + columns - 1) / columns;
    int cell = height + MARGIN + (captions.isEmpty() ? 0 : CAPTION);
    BufferedImage grid =
        new BufferedImage(
            columns * (width + MARGIN) + MARGIN, rows * cell + MARGIN, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = grid.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, grid.getWidth(), grid.getHeight());
    for (int i = 0; i < images.size(); i++) {
      int x = MARGIN + i % columns * (width + MARGIN);
      int y = MARGIN + i / columns * cell;
      graphics.drawImage(images.get(i), x, y, width, height, null); // nearest neighbour
      if (!captions.isEmpty()) {
        caption(graphics, captions.get(i), x + width / 2, y + height);
      }
    }
    graphics.dispose();
    return grid;
  }

  /** Writes below a picture, in the middle. */
  private static void caption(Graphics2D graphics, String text, int middle, int top) {
    graphics.setColor(Color.DARK_GRAY);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, CAPTION - 6));
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    int width = graphics.getFontMetrics().stringWidth(text);
    graphics.drawString(text, middle - width / 2, top + CAPTION - 5);
  }

  /**
   * Writes a PNG file.
   *
   * @throws java.io.UncheckedIOException naming the file, if it cannot be written
   */
  public static void write(BufferedImage image, Path png) {
    ImageFile.writePng(png, image);
  }
}
