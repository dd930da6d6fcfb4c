package org.megalab.data;

import org.megalab.data.file.WavEncoding;

/**
 * What the bytes of a sequence are as real numbers, for a classifier that reads numbers.
 *
 * <pre>
 * x_t = (value_t − mean) / deviation
 * </pre>
 *
 * @param format how a value is written
 * @param mean what is subtracted
 * @param deviation what is divided by, positive
 */
public record Numbers(Format format, double mean, double deviation) {

  /** Symbols: a byte is a letter or the like, and no number. */
  public static final Numbers SYMBOLS = new Numbers(Format.SYMBOL, 0, 1);

  /** Samples of 16 bits, between −1 and 1. */
  public static final Numbers PCM16 = new Numbers(Format.PCM16, 0, 1);

  /** Samples in µ-law, between −1 and 1. */
  public static final Numbers MU_LAW = new Numbers(Format.MU_LAW, 0, 1);

  /** How a value is written. */
  public enum Format {
    /** One byte that is no number. */
    SYMBOL,
    /** One byte, 0 … 255 for 0 … 1. */
    UNSIGNED_BYTE,
    /** Two bytes, the less significant first, −32768 … 32767 for −1 … 1. */
    PCM16,
    /** One byte of ITU-T G.711, −32124 … 32124 over 32768. */
    MU_LAW
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the deviation is not positive
   */
  public Numbers {
    if (!(deviation > 0) || !Double.isFinite(mean) || !Double.isFinite(deviation)) {
      throw new IllegalArgumentException(
          "mean and deviation must be finite and the deviation positive, got "
              + mean
              + " and "
              + deviation);
    }
  }

  /** Returns pixels: bytes as 0 … 1, less the mean, over the deviation. */
  public static Numbers pixels(double mean, double deviation) {
    return new Numbers(Format.UNSIGNED_BYTE, mean, deviation);
  }

  /** Returns samples in an encoding, as numbers between −1 and 1. */
  public static Numbers samples(WavEncoding encoding) {
    return switch (encoding) {
      case PCM8 -> pixels(0.5, 0.5);
      case PCM16 -> PCM16;
      case MU_LAW -> MU_LAW;
    };
  }

  /** Returns the bytes of a value: 1 or 2. */
  public int width() {
    return format == Format.PCM16 ? 2 : 1;
  }

  /**
   * Returns the numbers of a sequence.
   *
   * @throws IllegalStateException if the bytes are symbols
   * @throws IllegalArgumentException if a last value is cut off
   */
  public float[] of(byte[] bytes) {
    if (format == Format.SYMBOL) {
      throw new IllegalStateException(
          "these bytes are symbols, not numbers; take a classifier with the input \"symbols\"");
    }
    if (bytes.length % width() != 0) {
      throw new IllegalArgumentException(
          bytes.length + " bytes are no whole number of samples of " + width() + " bytes");
    }
    float[] numbers = new float[bytes.length / width()];
    for (int t = 0; t < numbers.length; t++) {
      numbers[t] = (float) ((value(bytes, t) - mean) / deviation);
    }
    return numbers;
  }

  private double value(byte[] bytes, int t) {
    return switch (format) {
      case SYMBOL, UNSIGNED_BYTE -> (bytes[t] & 0xFF) / 255.0;
      case PCM16 -> WavEncoding.PCM16.sample(bytes, t) / 32768.0;
      case MU_LAW -> WavEncoding.MU_LAW.sample(bytes, t) / 32768.0;
    };
  }
}
