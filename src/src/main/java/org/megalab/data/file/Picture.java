package org.megalab.data.file;

import java.awt.image.BufferedImage;

/**
 * A picture of bytes, row by row, the channels of a pixel together.
 *
 * @param width pixels of a row
 * @param height rows
 * @param channels 1 for grey, 3 for red, green and blue
 * @param raster width · height · channels bytes; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // pictures are never compared
public record Picture(int width, int height, int channels, byte[] raster) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is not positive, the channels are neither 1 nor 3, or
   *     the bytes are more or fewer than the picture has
   */
  public Picture {
    if (width < 1
        || height < 1
        || (channels != 1 && channels != 3)
        || (long) width * height * channels != raster.length) {
      throw new IllegalArgumentException(
          "%d bytes are no picture of %d by %d pixels with %d channels; give 1 or 3 channels and a byte for each"
              .formatted(raster.length, width, height, channels));
    }
  }

  /** Returns the picture as an image of Java. */
  public BufferedImage image() {
    int type = channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
    BufferedImage image = new BufferedImage(width, height, type);
    int[] row = new int[width * channels];
    for (int i = 0; i < height; i++) {
      for (int x = 0; x < row.length; x++) {
        row[x] = raster[i * row.length + x] & 0xFF;
      }
      image.getRaster().setPixels(0, i, width, 1, row);
    }
    return image;
  }

  /** Returns the value of a channel of a pixel, 0 … 255. */
  public int value(int row, int column, int channel) {
    return raster[(row * width + column) * channels + channel] & 0xFF;
  }

  /** Returns the picture with three channels; grey becomes three equal ones. */
  public Picture rgb() {
    if (channels == 3) {
      return this;
    }
    byte[] rgb = new byte[3 * raster.length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = raster[i / 3];
    }
    return new Picture(width, height, 3, rgb);
  }

  /**
   * Returns the picture with one channel, by the weights of ITU-R BT.601 as TensorFlow's {@code
   * rgb_to_grayscale} rounds them: 0.2989 red, 0.5870 green, 0.1140 blue; the result is scaled by
   * 255.5 / 255 and cut to an integer.
   */
  public Picture grey() {
    if (channels == 1) {
      return this;
    }
    byte[] grey = new byte[raster.length / 3];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = grey(raster[3 * i] & 0xFF, raster[3 * i + 1] & 0xFF, raster[3 * i + 2] & 0xFF);
    }
    return new Picture(width, height, 1, grey);
  }

  private static byte grey(int red, int green, int blue) {
    float unit = 1 / 255f;
    float grey = red * unit * 0.2989f + green * unit * 0.5870f + blue * unit * 0.1140f;
    return (byte) (int) (grey * 255.5f);
  }

  /**
   * Returns the largest square in the middle, resized to {@code side} pixels a side. A new pixel is
   * the mean of the area that it covers, its partial pixels by their share.
   */
  public Picture square(int side) {
    int edge = Math.min(width, height);
    int top = (height - edge) / 2;
    int left = (width - edge) / 2;
    double scale = (double) edge / side;
    float[] rows = new float[side * edge * channels]; // resized down the columns only
    for (int i = 0; i < side; i++) {
      double end = Math.min(edge, (i + 1) * scale);
      for (int r = (int) (i * scale); r < end; r++) {
        float share = (float) ((Math.min(r + 1, end) - Math.max(r, i * scale)) / scale);
        for (int x = 0; x < edge * channels; x++) {
          int at = ((top + r) * width + left) * channels + x;
          rows[i * edge * channels + x] += share * (raster[at] & 0xFF);
        }
      }
    }
    byte[] square = new byte[side * side * channels];
    for (int j = 0; j < side; j++) {
      double end = Math.min(edge, (j + 1) * scale);
      for (int p = 0; p < side * channels; p++) {
        int i = p / channels;
        double sum = 0;
        for (int c = (int) (j * scale); c < end; c++) {
          double share = (Math.min(c + 1, end) - Math.max(c, j * scale)) / scale;
          sum += share * rows[(i * edge + c) * channels + p % channels];
        }
        square[(i * side + j) * channels + p % channels] = (byte) Math.min(255, Math.round(sum));
      }
    }
    return new Picture(side, side, channels, square);
  }
}
