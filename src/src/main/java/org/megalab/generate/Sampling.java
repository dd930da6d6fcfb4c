package org.megalab.generate;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.megalab.json.ConfigException;

/**
 * How the next symbol is drawn from logits z.
 *
 * <pre>
 * p ∝ exp(z / temperature), kept for the top-k most likely symbols and, of these, for the smallest
 * set of most likely ones whose probabilities reach top-p
 * </pre>
 *
 * @param temperature 0 takes the most likely symbol always
 * @param topK how many symbols may be drawn; 0 for all
 * @param topP the probability that the kept symbols reach; 1 for all
 * @param seed decides the draws
 */
public record Sampling(double temperature, int topK, double topP, long seed) {

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the value that is out of range
   */
  public Sampling {
    ConfigException.check(
        temperature >= 0 && temperature < Double.POSITIVE_INFINITY,
        "temperature must be 0 or more, got %s",
        temperature);
    ConfigException.check(topK >= 0, "topK must be 0 (all) or more, got %d", topK);
    ConfigException.check(
        topP > 0 && topP <= 1, "topP must be above 0 and at most 1, got %s", topP);
  }

  /** Returns a builder that starts from temperature 1 and all symbols. */
  public static Builder builder() {
    return new Builder();
  }

  /** Draws a symbol; the random numbers come from the generator alone. */
  int draw(float[] logits, SplittableRandom random) {
    int[] ranked = ranked(logits);
    if (temperature == 0) {
      return ranked[0];
    }
    int kept = topK == 0 ? ranked.length : Math.min(topK, ranked.length);
    double[] weights = new double[kept];
    double all = 0;
    for (int i = 0; i < kept; i++) {
      weights[i] = Math.exp((logits[ranked[i]] - (double) logits[ranked[0]]) / temperature);
      all += weights[i];
    }
    double reached = 0;
    int count = 0;
    while (count < kept && reached < topP * all) {
      reached += weights[count++];
    }
    double left = random.nextDouble() * reached; // the inverse of the cumulative distribution
    for (int i = 0; i < count; i++) {
      left -= weights[i];
      if (left < 0) {
        return ranked[i];
      }
    }
    return ranked[count - 1];
  }

  /** The symbols, most likely first; equal ones in their own order. */
  private static int[] ranked(float[] logits) {
    for (float logit : logits) {
      if (Float.isNaN(logit)) {
        throw new IllegalStateException(
            "the model's logits are not numbers; it was not trained well, or its parameters are damaged");
      }
    }
    return IntStream.range(0, logits.length)
        .boxed()
        .sorted(Comparator.comparing((Integer i) -> -logits[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Collects the values. */
  public static final class Builder {
    private double temperature = 1;
    private int topK;
    private double topP = 1;
    private long seed = 1;

    private Builder() {}

    /** Sets the temperature; 1 when not set, 0 for the most likely symbol always. */
    public Builder optTemperature(double temperature) {
      this.temperature = temperature;
      return this;
    }

    /** Sets how many symbols may be drawn; all when not set. */
    public Builder optTopK(int topK) {
      this.topK = topK;
      return this;
    }

    /** Sets the probability that the kept symbols reach; 1 when not set. */
    public Builder optTopP(double topP) {
      this.topP = topP;
      return this;
    }

    /** Sets the seed; 1 when not set. */
    public Builder optSeed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Returns the sampling.
     *
     * @throws ConfigException if a value is out of range
     */
    public Sampling build() {
      return new Sampling(temperature, topK, topP, seed);
    }
  }
}
