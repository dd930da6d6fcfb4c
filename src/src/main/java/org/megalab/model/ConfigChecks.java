package org.megalab.model;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;
import org.megalab.layer.NormKind;

/** What many configurations check. */
final class ConfigChecks {

  private ConfigChecks() {}

  static void positive(String name, int value) {
    ConfigException.check(value > 0, "%s must be positive, got %d", name, value);
  }

  /** A scale or a deviation: it must survive float32, whose smallest is about 1e-38. */
  static void positive(String name, double value) {
    ConfigException.check(
        value >= Float.MIN_NORMAL && value <= Float.MAX_VALUE,
        "%s must be positive and finite (1.2e-38 to 3.4e38), got %s",
        name,
        value);
  }

  static void notNegative(String name, int value) {
    ConfigException.check(value >= 0, "%s must not be negative, got %d", name, value);
  }

  static void probability(String name, double value) {
    ConfigException.check(
        value >= 0 && value < 1, "%s must be at least 0 and below 1, got %s", name, value);
  }

  /** Checks that all values of a list are positive. */
  static void positive(String name, List<Integer> values) {
    ConfigException.check(
        values.stream().allMatch(value -> value > 0), "%s must be positive, got %s", name, values);
  }

  /**
   * Checks that a product of sizes is one that arrays can have.
   *
   * @param name the product as text, such as {@code heads * headDim}
   */
  static void product(String name, int... factors) {
    BigInteger product =
        Arrays.stream(factors)
            .mapToObj(BigInteger::valueOf)
            .reduce(BigInteger.ONE, BigInteger::multiply);
    ConfigException.check(
        product.bitLength() < Integer.SIZE,
        "%s = %s is %s, and at most %d is allowed; take smaller ones",
        name,
        Arrays.toString(factors),
        product,
        Integer.MAX_VALUE);
  }

  /**
   * Returns the width of a feed-forward that is not set: four times the model's.
   *
   * @throws ConfigException if that is more than an int
   */
  static int feedForwardDim(@Nullable Integer feedForwardDim, int modelDim) {
    if (feedForwardDim != null) {
      return feedForwardDim;
    }
    product("feedForwardDim = 4 * modelDim", 4, modelDim);
    return 4 * modelDim;
  }

  /**
   * Returns the width of a head that is not set: D/H.
   *
   * @throws ConfigException if that is no whole number
   */
  static int headDim(@Nullable Integer headDim, int modelDim, int heads) {
    if (headDim != null) {
      return headDim;
    }
    ConfigException.check(
        heads > 0 && modelDim % heads == 0,
        "heads = %d does not divide modelDim = %d; take a divisor of it, or set headDim",
        heads,
        modelDim);
    return modelDim / heads;
  }

  /** Checks a number of layers, each of which is an object even before it has memory. */
  static void layers(String name, int layers) {
    ConfigException.check(
        layers > 0 && layers <= 10_000, "%s must be between 1 and 10000, got %d", name, layers);
  }

  static void vocabularySize(int vocabularySize) {
    ConfigException.check(
        vocabularySize > 1 && vocabularySize < Integer.MAX_VALUE,
        "vocabularySize must be at least 2 and below 2^31 - 1, got %d",
        vocabularySize);
  }

  static void vocabulary(int vocabularySize, int startId) {
    vocabularySize(vocabularySize);
    ConfigException.check(
        startId >= -1 && startId < vocabularySize,
        "startId must be -1 (an embedding of its own) or an id below vocabularySize = %d, got %d",
        vocabularySize,
        startId);
  }

  static void divides(String name, int divisor, String ofName, int of) {
    ConfigException.check(
        divisor > 0 && of % divisor == 0,
        "%s = %d does not divide %s = %d; take a divisor of it",
        name,
        divisor,
        ofName,
        of);
  }

  static void causal(NormKind norm) {
    ConfigException.check(
        norm != NormKind.BATCH,
        "norm = batch lets every step see the steps after it, which a language model must not; take"
            + " layer, rms or scale, or build a classifier around newEncoder()");
  }

  static ConfigException unknownPreset(String architecture, String name, List<String> presets) {
    return new ConfigException(
        "there is no preset \""
            + name
            + "\" of the architecture "
            + architecture
            + "; there are "
            + presets);
  }
}
