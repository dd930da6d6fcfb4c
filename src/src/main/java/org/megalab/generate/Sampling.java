package org.megalab.generate;

import java.util.Arrays;
import java.util.SplittableRandom;
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
    long[] keys = new long[logits.length];
    for (int i = 0; i < keys.length; i++) {
      if (Float.isNaN(logits[i])) {
        throw new IllegalStateException(
            "the model's logits are not numbers; it was not trained well, or its parameters are damaged");
      }
      int bits = Float.floatToRawIntBits(-logits[i]);
      int ordered = bits ^ (bits >> 31 & Integer.MAX_VALUE); // ints in the order of the floats
      keys[i] = (long) ordered << 32 | i;
    }
    Arrays.sort(keys);
    int[] ranked = new int[keys.length];
    for (int i = 0; i < keys.length; i++) {
      ranked[i] = (int) keys[i];
    }
    return ranked;
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

    /**
     * Sets how many symbols may be drawn by the share of those that may not, as MEGABYTE-pytorch
     * does.
     *
     * <pre>
     * top-k = max(1, ⌊(1 − threshold) · V⌋)          V = 256; its own threshold is 0.9, hence k = 25
     * </pre>
     *
     * @throws ConfigException if the threshold is not between 0 and 1
     */
    public Builder optThreshold(double threshold) {
      ConfigException.check(
          threshold >= 0 && threshold <= 1, "threshold must be between 0 and 1, got %s", threshold);
      return optTopK(Math.max(1, (int) ((1 - threshold) * 256)));
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
