package org.megalab.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.megalab.json.ConfigException;

class SamplingTest {

  /** The draw as its formula reads, with symbols as objects and ties in their own order. */
  private static int plainly(Sampling s, float[] logits, SplittableRandom random) {
    int[] ranked =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparing((Integer i) -> -logits[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    if (s.temperature() == 0) {
      return ranked[0];
    }
    int kept = s.topK() == 0 ? ranked.length : Math.min(s.topK(), ranked.length);
    double all = 0;
    for (int i = 0; i < kept; i++) {
      all += weight(s, logits, ranked, i);
    }
    double reached = 0;
    int count = 0;
    while (count < kept && reached < s.topP() * all) {
      reached += weight(s, logits, ranked, count++);
    }
    double left = random.nextDouble() * reached;
    for (int i = 0; i < count; i++) {
      left -= weight(s, logits, ranked, i);
      if (left < 0) {
        return ranked[i];
      }
    }
    return ranked[count - 1];
  }

  private static double weight(Sampling s, float[] logits, int[] ranked, int i) {
    return Math.exp((logits[ranked[i]] - (double) logits[ranked[0]]) / s.temperature());
  }

  @Test
  void drawsAreThoseOfTheFormulaBitForBit() {
    Sampling[] samplings = {
      new Sampling(1, 0, 1, 1),
      new Sampling(0, 0, 1, 1),
      new Sampling(0.8, 0, 0.95, 1),
      new Sampling(1.3, 25, 1, 1),
      new Sampling(0.5, 7, 0.5, 1)
    };
    Random values = new Random(3);
    for (Sampling sampling : samplings) {
      SplittableRandom one = new SplittableRandom(9);
      SplittableRandom other = new SplittableRandom(9);
      for (int i = 0; i < 2000; i++) {
        float[] logits = new float[i % 2 == 0 ? 256 : 5];
        for (int v = 0; v < logits.length; v++) {
          // Many ties, both zeros, and infinities.
          float z = (float) values.nextGaussian() * 3;
          logits[v] = i % 3 == 0 ? Math.round(z) : z;
          logits[v] = i % 7 == 0 && v % 3 == 1 ? Float.NEGATIVE_INFINITY : logits[v];
          logits[v] = i % 5 == 0 && v % 4 == 0 ? -0.0f : logits[v];
        }
        assertThat(sampling.draw(logits, one)).isEqualTo(plainly(sampling, logits, other));
      }
    }
  }

  /** Recorded before ranking went without objects. */
  @Test
  void drawsAreThoseOfEarlierVersions() {
    float[] logits = new float[256];
    Random values = new Random(1);
    for (int i = 0; i < 256; i++) {
      logits[i] = (float) values.nextGaussian() * 2;
    }
    SplittableRandom random = new SplittableRandom(7);
    Sampling sampling = new Sampling(0.8, 40, 0.95, 7);
    int[] drawn = IntStream.range(0, 12).map(i -> sampling.draw(logits, random)).toArray();
    assertThat(drawn).containsExactly(198, 21, 33, 44, 44, 21, 44, 198, 21, 198, 21, 180);
  }

  @Test
  void thresholdIsThatOfTheCommunityImplementation() {
    assertThat(Sampling.builder().optThreshold(0.9).build().topK()).isEqualTo(25);
    assertThat(Sampling.builder().optThreshold(0).build().topK()).isEqualTo(256);
    assertThat(Sampling.builder().optThreshold(1).build().topK()).isEqualTo(1);
    assertThat(Sampling.builder().optThreshold(0.999).build().topK()).isEqualTo(1);
    assertThatThrownBy(() -> Sampling.builder().optThreshold(1.5))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("1.5");
  }
}
