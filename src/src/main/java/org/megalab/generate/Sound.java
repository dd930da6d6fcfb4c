package org.megalab.generate;

import java.nio.file.Path;
import org.megalab.data.Numbers;
import org.megalab.data.file.WavEncoding;
import org.megalab.data.file.WavFile;

/**
 * Samples of one channel, and the WAV file of them.
 *
 * @param samples the bytes; not copied
 * @param format {@code PCM16}, two bytes a sample, the less significant first, or {@code MU_LAW},
 *     one byte a sample
 * @param sampleRate samples a second
 */
@SuppressWarnings("ArrayRecordComponent") // sounds are never compared
public record Sound(byte[] samples, Numbers.Format format, int sampleRate) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the format is no sound, a sample is cut off, or the rate is
   *     not positive
   */
  public Sound {
    if (width(format) == 0 || sampleRate < 1) {
      throw new IllegalArgumentException(
          "a sound is PCM16 or MU_LAW at a positive rate, got " + format + " at " + sampleRate);
    }
    if (samples.length % width(format) != 0) {
      throw new IllegalArgumentException(
          samples.length + " bytes are no whole number of samples of two bytes; leave one out");
    }
  }

  /** Returns the bytes of a sample, 0 if the format is no sound. */
  static int width(Numbers.Format format) {
    return switch (format) {
      case PCM16 -> WavEncoding.PCM16.width();
      case MU_LAW -> WavEncoding.MU_LAW.width();
      default -> 0;
    };
  }

  private WavEncoding encoding() {
    return format == Numbers.Format.PCM16 ? WavEncoding.PCM16 : WavEncoding.MU_LAW;
  }

  /** Returns the length of the sound. */
  public double seconds() {
    return samples.length / (double) encoding().width() / sampleRate;
  }

  /** Returns the same sound as PCM16, which every player knows. */
  public Sound pcm16() {
    if (format == Numbers.Format.PCM16) {
      return this;
    }
    byte[] pcm = WavEncoding.MU_LAW.convert(samples, WavEncoding.PCM16);
    return new Sound(pcm, Numbers.Format.PCM16, sampleRate);
  }

  /**
   * Returns the bytes of a WAV file, as {@code audio/wav} or for a file.
   *
   * @throws IllegalArgumentException if there are no samples
   */
  public byte[] wav() {
    return WavFile.bytes(encoding(), sampleRate, samples);
  }

  /**
   * Writes a WAV file.
   *
   * @throws IllegalArgumentException if there are no samples
   * @throws java.io.UncheckedIOException naming the file, if it cannot be written
   */
  public void write(Path file) {
    WavFile.write(file, encoding(), sampleRate, samples);
  }
}
