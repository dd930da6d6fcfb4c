package org.megalab.generate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.megalab.data.Numbers;

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

  private static final int TAG_PCM = 1;
  private static final int TAG_MU_LAW = 7;

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
      case PCM16 -> 2;
      case MU_LAW -> 1;
      default -> 0;
    };
  }

  /** Returns the length of the sound. */
  public double seconds() {
    return samples.length / (double) width(format) / sampleRate;
  }

  /** Returns the same sound as PCM16, which every player knows. */
  public Sound pcm16() {
    if (format == Numbers.Format.PCM16) {
      return this;
    }
    ByteBuffer pcm = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    for (byte code : samples) {
      pcm.putShort((short) Numbers.muLaw(code));
    }
    return new Sound(pcm.array(), Numbers.Format.PCM16, sampleRate);
  }

  /** Returns the bytes of a WAV file, as {@code audio/wav} or for a file. */
  public byte[] wav() {
    boolean pcm = format == Numbers.Format.PCM16;
    int width = width(format);
    int formatLength = pcm ? 16 : 18; // what is not PCM says the length of its extension: 0
    int factLength = pcm ? 0 : 12; // and how many samples there are
    int padding = samples.length % 2; // chunks begin at even places
    int length = 20 + formatLength + factLength + 8 + samples.length + padding;
    ByteBuffer wav = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    wav.put(ascii("RIFF")).putInt(length - 8).put(ascii("WAVEfmt ")).putInt(formatLength);
    wav.putShort((short) (pcm ? TAG_PCM : TAG_MU_LAW)).putShort((short) 1); // one channel
    wav.putInt(sampleRate).putInt(sampleRate * width);
    wav.putShort((short) width).putShort((short) (8 * width));
    if (!pcm) {
      wav.putShort((short) 0).put(ascii("fact")).putInt(4).putInt(samples.length);
    }
    wav.put(ascii("data")).putInt(samples.length).put(samples);
    return wav.array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Writes a WAV file.
   *
   * @throws UncheckedIOException naming the file, if it cannot be written
   */
  public void write(Path file) {
    try {
      Files.write(file, wav());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": the sound cannot be written: " + e, e);
    }
  }
}
