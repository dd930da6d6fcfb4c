package org.megalab.generate;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.megalab.data.Numbers;

/**
 * Makes sounds with a model that was trained on the bytes of samples, without the headers of files.
 *
 * <pre>
 * var sampler = new SoundSampler(new Generator(model, sampling), Numbers.Format.MU_LAW, 8000);
 * sampler.sample(1, 2.5).get(0).write(Path.of("sample.wav"));
 * </pre>
 *
 * @param generator writes the bytes
 * @param format what the bytes are: PCM16 or µ-law
 * @param sampleRate samples a second
 */
public record SoundSampler(Generator generator, Numbers.Format format, int sampleRate) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the format is no sound, or the rate is not positive
   */
  public SoundSampler {
    new Sound(new byte[0], format, sampleRate);
  }

  /** Makes sounds of a length in seconds from nothing. */
  public List<Sound> sample(int count, double seconds) {
    return after(new Sound(new byte[0], format, sampleRate), count, seconds);
  }

  /**
   * Makes sounds that begin with another and go on for some seconds.
   *
   * @param beginning of the sampler's format and rate; part of every result
   * @param count how many to make
   * @param seconds how long they go on
   * @throws IllegalArgumentException if the beginning is of another format or rate, or the time is
   *     negative
   */
  public List<Sound> after(Sound beginning, int count, double seconds) {
    if (beginning.format() != format || beginning.sampleRate() != sampleRate || !(seconds >= 0)) {
      throw new IllegalArgumentException(
          "%s at %d goes on for 0 or more seconds of the same, got %s at %d and %s seconds"
              .formatted(format, sampleRate, beginning.format(), beginning.sampleRate(), seconds));
    }
    byte[] given = beginning.samples();
    int width = Sound.width(format);
    int length = Math.toIntExact(width * Math.round(seconds * sampleRate));
    return generator.generate(Collections.nCopies(count, given), length).stream()
        .map(
            generation -> {
              byte[] bytes = generation.bytes();
              int whole = bytes.length - bytes.length % width; // an interrupt may cut one in half
              byte[] samples = Arrays.copyOf(given, given.length + whole);
              System.arraycopy(bytes, 0, samples, given.length, whole);
              return new Sound(samples, format, sampleRate);
            })
        .toList();
  }
}
