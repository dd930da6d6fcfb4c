package org.megalab.data;

/**
 * The order in which the bytes of an image become a sequence (MEGABYTE): patch by patch instead of
 * row by row, so that one patch of a model is one square of the image.
 *
 * <pre>
 * raster   r = (i · n + j) · 3 + c
 * patches  k = (i div p)(n / p) + (j div p),   o = ((i mod p) p + (j mod p)) 3 + c,   t = k · P + o
 * </pre>
 *
 * n side of the image, (i, j) row and column, c channel of 3, p side of a patch, P = 3p² its bytes,
 * k patch, o byte in the patch. Both orders run colour fastest. The common mistake is to train on
 * one order and to show pictures in the other: {@link #toRaster} goes back.
 *
 * @param side n, in pixels
 * @param patchSide p, in pixels, a divisor of n; 1 is the raster order
 */
public record ImageScan(int side, int patchSide) {

  private static final int CHANNELS = 3;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is not positive, the patches do not fit into the image,
   *     or the image has more bytes than an array holds
   */
  public ImageScan {
    if (side < 1 || patchSide < 1 || side % patchSide != 0) {
      throw new IllegalArgumentException(
          "patches of "
              + patchSide
              + " pixels a side do not fit into an image of "
              + side
              + "; both must be positive and the patch's side a divisor of the image's");
    }
    if ((long) side * side * CHANNELS > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "an image of " + side + " pixels a side has more than 2^31 bytes; the largest is 26754");
    }
  }

  /** Returns the order row by row. */
  public static ImageScan raster(int side) {
    return new ImageScan(side, 1);
  }

  /**
   * Returns the order for a model's patches.
   *
   * @param side n
   * @param patchSize P, in bytes: 3p², as 12, 48, 192 or 768
   * @throws IllegalArgumentException if P is not 3p², or p does not divide n
   */
  public static ImageScan ofPatchSize(int side, int patchSize) {
    int patchSide = (int) Math.round(Math.sqrt(patchSize / (double) CHANNELS));
    if (patchSide < 1 || CHANNELS * patchSide * patchSide != patchSize) {
      int near = Math.max(1, patchSide);
      throw new IllegalArgumentException(
          "a patch of "
              + patchSize
              + " bytes is no square of pixels with 3 bytes each; the nearest is "
              + CHANNELS * near * near);
    }
    return new ImageScan(side, patchSide);
  }

  /** Returns the bytes of an image, 3n². */
  public int length() {
    return side * side * CHANNELS;
  }

  /** Returns P, the bytes of a patch. */
  public int patchSize() {
    return patchSide * patchSide * CHANNELS;
  }

  /**
   * Returns the place t in the sequence of one byte of the image.
   *
   * @throws IndexOutOfBoundsException if the image has no such pixel or channel
   */
  public int index(int row, int column, int channel) {
    if (row < 0
        || row >= side
        || column < 0
        || column >= side
        || channel < 0
        || channel >= CHANNELS) {
      throw new IndexOutOfBoundsException(
          "channel %d of pixel (%d, %d) is not in an image of %d by %d with 3 channels"
              .formatted(channel, row, column, side, side));
    }
    int patch = row / patchSide * (side / patchSide) + column / patchSide;
    int offset = (row % patchSide * patchSide + column % patchSide) * CHANNELS + channel;
    return patch * patchSize() + offset;
  }

  /**
   * Returns the sequence of an image.
   *
   * @param raster its bytes row by row, red, green and blue of a pixel together
   * @throws IllegalArgumentException if these are not 3n² bytes
   */
  public byte[] fromRaster(byte[] raster) {
    check(raster);
    byte[] sequence = new byte[raster.length];
    for (int r = 0; r < raster.length; r++) {
      sequence[indexOfRaster(r)] = raster[r];
    }
    return sequence;
  }

  /**
   * Returns the image of a sequence, row by row.
   *
   * @throws IllegalArgumentException if these are not 3n² bytes
   */
  public byte[] toRaster(byte[] sequence) {
    check(sequence);
    byte[] raster = new byte[sequence.length];
    for (int r = 0; r < raster.length; r++) {
      raster[r] = sequence[indexOfRaster(r)];
    }
    return raster;
  }

  private int indexOfRaster(int r) {
    int pixel = r / CHANNELS;
    return index(pixel / side, pixel % side, r % CHANNELS);
  }

  private void check(byte[] bytes) {
    if (bytes.length != length()) {
      throw new IllegalArgumentException(
          "an image of %d by %d pixels has %d bytes, got %d"
              .formatted(side, side, length(), bytes.length));
    }
  }
}
