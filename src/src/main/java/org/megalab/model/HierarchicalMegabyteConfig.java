package org.megalab.model;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.megalab.json.ConfigException;

/**
 * What a {@link HierarchicalMegabyte} is built from. Lists run from the coarsest level to the
 * finest.
 *
 * <p>A level's {@code modelDim} is the width of its Transformer; one byte of an item is {@code
 * modelDim / bytesPerItem} wide there, as in {@link MegabyteConfig}.
 *
 * @param vocabularySize V, the number of symbols
 * @param levels the Transformer of each level
 * @param lengths n_s, the items of a group of each level; their product is the context in bytes
 * @param dropout the probability of dropping in training
 * @param initStd the standard deviation of the initial weights, truncated at two of it
 */
public record HierarchicalMegabyteConfig(
    int vocabularySize,
    List<TransformerSize> levels,
    List<Integer> lengths,
    double dropout,
    double initStd)
    implements ModelConfig, Patched {

  /** The name of this architecture in the text form. */
  public static final String ARCHITECTURE = "megabyte-hierarchical";

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public HierarchicalMegabyteConfig {
    levels = List.copyOf(levels);
    lengths = List.copyOf(lengths);
    ConfigChecks.vocabularySize(vocabularySize);
    ConfigException.check(
        !levels.isEmpty() && levels.size() == lengths.size(),
        "levels and lengths need one entry a level, at least one; got %d and %d",
        levels.size(),
        lengths.size());
    ConfigChecks.positive("lengths", lengths);
    BigInteger context =
        lengths.stream()
            .map(length -> BigInteger.valueOf(length))
            .reduce(BigInteger.ONE, BigInteger::multiply);
    ConfigException.check(
        context.bitLength() < 31,
        "lengths %s multiply to %s bytes, more than 2^31",
        lengths,
        context);
    for (int s = 0; s < levels.size(); s++) {
      int bytes = product(lengths, s + 1);
      int dim = levels.get(s).modelDim();
      ConfigException.check(
          dim % bytes == 0,
          "an item of level %d has %d bytes, which do not divide its modelDim = %d; take modelDim ="
              + " %d",
          s,
          bytes,
          dim,
          Math.max(1, Math.round((double) dim / bytes)) * bytes);
    }
    ConfigChecks.probability("dropout", dropout);
    ConfigChecks.positive("initStd", initStd);
  }

  private static int product(List<Integer> lengths, int from) {
    return lengths.stream().skip(from).reduce(1, (a, b) -> a * b);
  }

  /** Returns P_s, the bytes of one item of a level; 1 at the finest. */
  public int bytesPerItem(int level) {
    return product(lengths, level + 1);
  }

  /** Returns the width of the slice of the level above that one item gets, W_s-1 / n_s. */
  int slice(int level) {
    return levels.get(level - 1).modelDim() / lengths.get(level);
  }

  @Override
  public HierarchicalMegabyteConfig withContextLength(int bytes) {
    List<Integer> other = new ArrayList<>(lengths);
    int item = product(lengths, 1);
    other.set(0, (bytes + item - 1) / item);
    return toBuilder().setLengths(other).build();
  }

  @Override
  public int contextLength() {
    return product(lengths, 0);
  }

  /**
   * {@inheritDoc} It is a group of the finest level; a single level has none, and its items count.
   */
  @Override
  public int patchSize() {
    return levels.size() == 1 ? 1 : lengths.get(lengths.size() - 1);
  }

  @Override
  public String architecture() {
    return ARCHITECTURE;
  }

  @Override
  public HierarchicalMegabyte newModel() {
    return new HierarchicalMegabyte(this);
  }

  /**
   * {@inheritDoc} A P_s-th of each level's Transformer over its n_s items, and of the matrix of the
   * slice from above. The longest groups of the coarsest level have T / P_0 items.
   */
  @Override
  public Flops flops(int contextLength) {
    Flops flops = Flops.NONE;
    for (int s = 0; s < levels.size(); s++) {
      double bytes = bytesPerItem(s);
      double items = s == 0 ? contextLength / bytes : lengths.get(s);
      double fromAbove = s == 0 ? 0 : (double) levels.get(s).modelDim() * slice(s);
      flops =
          flops.plus(
              Flops.transformer(levels.get(s), items)
                  .plus(Flops.weights(fromAbove))
                  .times(1 / bytes));
    }
    return flops.plus(Flops.output(levels.get(levels.size() - 1).modelDim(), vocabularySize));
  }

  /** Returns the names that {@link #preset} knows. */
  public static List<String> presetNames() {
    return List.of("tiny", "enwik8");
  }

  /**
   * Returns a preset, both of three levels: {@code tiny} for notebooks, {@code enwik8} with the
   * context, widths and depths of the community's model of that name.
   *
   * @throws ConfigException if there is none of that name
   */
  public static HierarchicalMegabyteConfig preset(String name) {
    return switch (name) {
      case "tiny" ->
          builder()
              .setLevels(
                  List.of(
                      TransformerSize.of(128, 2, 4),
                      TransformerSize.of(96, 2, 4),
                      TransformerSize.of(64, 2, 4)))
              .setLengths(List.of(16, 4, 4))
              .optDropout(0)
              .optInitStd(0.05)
              .build();
      case "enwik8" ->
          builder()
              .setLevels(
                  List.of(
                      TransformerSize.of(768, 6, 12),
                      TransformerSize.of(512, 4, 8),
                      TransformerSize.of(256, 2, 4)))
              .setLengths(List.of(512, 4, 4))
              .build();
      default -> throw ConfigChecks.unknownPreset(ARCHITECTURE, name, presetNames());
    };
  }

  /** Returns a builder with the paper's dropout and initialisation. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .optVocabularySize(vocabularySize)
        .setLevels(levels)
        .setLengths(lengths)
        .optDropout(dropout)
        .optInitStd(initStd);
  }

  /** Collects the values. */
  public static final class Builder {
    private int vocabularySize = 256;
    private List<TransformerSize> levels = List.of();
    private List<Integer> lengths = List.of();
    private double dropout = 0.1;
    private double initStd = 0.006;

    private Builder() {}

    /** Sets V; 256 when not set. */
    public Builder optVocabularySize(int vocabularySize) {
      this.vocabularySize = vocabularySize;
      return this;
    }

    /** Sets the Transformer of each level, coarse to fine. */
    public Builder setLevels(List<TransformerSize> levels) {
      this.levels = levels;
      return this;
    }

    /** Sets the items of a group of each level, coarse to fine. */
    public Builder setLengths(List<Integer> lengths) {
      this.lengths = lengths;
      return this;
    }

    /** Sets the dropout probability; 0.1 when not set. */
    public Builder optDropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    /** Sets the standard deviation of the initial weights; 0.006 when not set. */
    public Builder optInitStd(double initStd) {
      this.initStd = initStd;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws ConfigException if a value is missing or values contradict each other
     */
    public HierarchicalMegabyteConfig build() {
      return new HierarchicalMegabyteConfig(vocabularySize, levels, lengths, dropout, initStd);
    }
  }
}
