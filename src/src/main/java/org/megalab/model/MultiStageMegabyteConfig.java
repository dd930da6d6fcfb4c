package org.megalab.model;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.megalab.json.ConfigException;

/**
 * What a {@link MultiStageMegabyte} is built from. Lists run from the coarsest stage to the finest.
 *
 * @param vocabularySize V, the number of symbols
 * @param dims the width of each stage
 * @param depths the layers of each stage
 * @param stageLengths the longest group of each stage; their product is the context in bytes
 * @param headDim d, the same in all stages
 * @param heads H, the same in all stages; H·d may differ from a width
 * @param feedForwardMultiple the feed-forward width in multiples of a width
 * @param rotary whether queries and keys are rotated (half-split pairs)
 * @param learnedPositions whether a learned vector a position is added to each stage's tokens
 * @param padId the symbol that pads groups, which the reference's own loss ignores as a target
 * @param attentionDropout the probability of dropping attention probabilities in training
 * @param feedForwardDropout the probability of dropping hidden values in training
 */
public record MultiStageMegabyteConfig(
    int vocabularySize,
    List<Integer> dims,
    List<Integer> depths,
    List<Integer> stageLengths,
    int headDim,
    int heads,
    int feedForwardMultiple,
    boolean rotary,
    boolean learnedPositions,
    int padId,
    double attentionDropout,
    double feedForwardDropout)
    implements ModelConfig {

  /** The name of this architecture in the text form. */
  public static final String ARCHITECTURE = "megabyte-multistage";

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public MultiStageMegabyteConfig {
    dims = List.copyOf(dims);
    depths = List.copyOf(depths);
    stageLengths = List.copyOf(stageLengths);
    ConfigChecks.vocabularySize(vocabularySize);
    ConfigException.check(
        stageLengths.size() >= 2
            && dims.size() == stageLengths.size()
            && depths.size() == stageLengths.size(),
        "dims, depths and stageLengths need one entry a stage, at least two stages; got %s, %s, %s",
        dims,
        depths,
        stageLengths);
    ConfigChecks.positive("dims", dims);
    depths.forEach(depth -> ConfigChecks.layers("depths", depth));
    ConfigChecks.positive("stageLengths", stageLengths);
    BigInteger context =
        stageLengths.stream()
            .map(length -> BigInteger.valueOf(length))
            .reduce(BigInteger.ONE, BigInteger::multiply);
    ConfigException.check(
        context.bitLength() < 31,
        "stageLengths %s multiply to %s bytes, more than 2^31",
        stageLengths,
        context);
    ConfigChecks.positive("heads", heads);
    ConfigException.check(
        headDim > 0 && (!rotary || headDim % 2 == 0),
        "headDim must be positive, and even with rotary = true; got %d",
        headDim);
    ConfigChecks.product("heads * headDim", heads, headDim);
    ConfigChecks.positive("feedForwardMultiple", feedForwardMultiple);
    ConfigChecks.product("feedForwardMultiple * dims", feedForwardMultiple, Collections.max(dims));
    ConfigException.check(
        padId >= 0 && padId < vocabularySize,
        "padId must be a symbol, 0 to %d, got %d",
        vocabularySize - 1,
        padId);
    ConfigChecks.probability("attentionDropout", attentionDropout);
    ConfigChecks.probability("feedForwardDropout", feedForwardDropout);
  }

  /** Returns S, the number of stages. */
  public int stages() {
    return dims.size();
  }

  /** Returns P_s, the number of bytes that one token of a stage stands for; 1 at the finest. */
  public int bytesPerToken(int stage) {
    return stageLengths.subList(stage + 1, stages()).stream().reduce(1, Math::multiplyExact);
  }

  @Override
  public MultiStageMegabyteConfig withContextLength(int bytes) {
    List<Integer> other = new ArrayList<>(stageLengths);
    int token = bytesPerToken(0);
    other.set(0, (bytes + token - 1) / token);
    return toBuilder().setStageLengths(other).build();
  }

  @Override
  public int contextLength() {
    return stageLengths.get(0) * bytesPerToken(0);
  }

  @Override
  public String architecture() {
    return ARCHITECTURE;
  }

  @Override
  public MultiStageMegabyte newModel() {
    return new MultiStageMegabyte(this);
  }

  /**
   * {@inheritDoc} A stage s of groups of n tokens, P_s bytes each, runs over n + 1 vectors a group;
   * a coarse stage has an embedder (P_s D_S → D_s) and a projection (D_s → n_s+1 D_s+1) a token.
   */
  @Override
  public Flops flops(int contextLength) {
    Flops flops = Flops.NONE;
    double inner = (double) heads * headDim;
    double fine = dims.get(stages() - 1);
    double rows = 1; // vectors a byte
    for (int s = 0; s < stages(); s++) {
      double dim = dims.get(s);
      double bytes = bytesPerToken(s);
      double group = s == 0 ? contextLength / bytes : stageLengths.get(s);
      rows = (group + 1) / (group * bytes);
      flops =
          flops.plus(
              Flops.weights(4 * dim * inner + 2 * feedForwardMultiple * dim * dim)
                  .plus(Flops.attention(group + 1, inner, inner))
                  .times(depths.get(s) * rows));
      if (s < stages() - 1) {
        double below = (double) stageLengths.get(s + 1) * dims.get(s + 1);
        flops = flops.plus(Flops.weights(dim * (fine + below / bytes)));
      }
    }
    return flops.plus(Flops.output(fine, vocabularySize).times(rows));
  }

  /** Returns the names that {@link #preset} knows. */
  public static List<String> presetNames() {
    return List.of("tiny", "enwik8", "8k");
  }

  /**
   * Returns a preset: {@code tiny} for notebooks, {@code enwik8} as the community trains it, {@code
   * 8k} two stages of 1024 patches of 8 bytes for benchmarks.
   *
   * @throws ConfigException if there is none of that name
   */
  public static MultiStageMegabyteConfig preset(String name) {
    return switch (name) {
      case "tiny" ->
          builder()
              .setDims(List.of(128, 64))
              .setDepths(List.of(2, 2))
              .setStageLengths(List.of(64, 4))
              .optHeadDim(32)
              .optHeads(4)
              .optRotary(true)
              .build();
      case "enwik8" ->
          builder()
              .setDims(List.of(768, 512, 256))
              .setDepths(List.of(6, 4, 2))
              .setStageLengths(List.of(512, 4, 4))
              .build();
      case "8k" ->
          builder()
              .setDims(List.of(1024, 512))
              .setDepths(List.of(12, 6))
              .setStageLengths(List.of(1024, 8))
              .optHeadDim(64)
              .optHeads(8)
              .build();
      default ->
          throw new ConfigException(
              "there is no multi-stage MEGABYTE preset \""
                  + name
                  + "\"; allowed are "
                  + String.join(", ", presetNames()));
    };
  }

  /** Returns a builder with the community implementation's defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .optVocabularySize(vocabularySize)
        .setDims(dims)
        .setDepths(depths)
        .setStageLengths(stageLengths)
        .optHeadDim(headDim)
        .optHeads(heads)
        .optFeedForwardMultiple(feedForwardMultiple)
        .optRotary(rotary)
        .optLearnedPositions(learnedPositions)
        .optPadId(padId)
        .optAttentionDropout(attentionDropout)
        .optFeedForwardDropout(feedForwardDropout);
  }

  /** Collects the values. */
  public static final class Builder {
    private int vocabularySize = 256;
    private List<Integer> dims = List.of();
    private List<Integer> depths = List.of();
    private List<Integer> stageLengths = List.of();
    private int headDim = 64;
    private int heads = 8;
    private int feedForwardMultiple = 4;
    private boolean rotary;
    private boolean learnedPositions;
    private int padId;
    private double attentionDropout;
    private double feedForwardDropout;

    private Builder() {}

    /** Sets V; 256 when not set. */
    public Builder optVocabularySize(int vocabularySize) {
      this.vocabularySize = vocabularySize;
      return this;
    }

    /** Sets the width of each stage, coarse to fine. */
    public Builder setDims(List<Integer> dims) {
      this.dims = dims;
      return this;
    }

    /** Sets the layers of each stage, coarse to fine. */
    public Builder setDepths(List<Integer> depths) {
      this.depths = depths;
      return this;
    }

    /** Sets the longest group of each stage, coarse to fine. */
    public Builder setStageLengths(List<Integer> stageLengths) {
      this.stageLengths = stageLengths;
      return this;
    }

    /** Sets d; 64 when not set. */
    public Builder optHeadDim(int headDim) {
      this.headDim = headDim;
      return this;
    }

    /** Sets H; 8 when not set. */
    public Builder optHeads(int heads) {
      this.heads = heads;
      return this;
    }

    /** Sets the feed-forward width in multiples of a width; 4 when not set. */
    public Builder optFeedForwardMultiple(int feedForwardMultiple) {
      this.feedForwardMultiple = feedForwardMultiple;
      return this;
    }

    /** Sets whether queries and keys are rotated; false when not set. */
    public Builder optRotary(boolean rotary) {
      this.rotary = rotary;
      return this;
    }

    /** Sets whether learned positions are added; false when not set. */
    public Builder optLearnedPositions(boolean learnedPositions) {
      this.learnedPositions = learnedPositions;
      return this;
    }

    /** Sets the symbol that pads; 0 when not set. */
    public Builder optPadId(int padId) {
      this.padId = padId;
      return this;
    }

    /** Sets the dropout of attention probabilities; 0 when not set. */
    public Builder optAttentionDropout(double attentionDropout) {
      this.attentionDropout = attentionDropout;
      return this;
    }

    /** Sets the dropout of hidden values; 0 when not set. */
    public Builder optFeedForwardDropout(double feedForwardDropout) {
      this.feedForwardDropout = feedForwardDropout;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws ConfigException if a value is missing or values contradict each other
     */
    public MultiStageMegabyteConfig build() {
      return new MultiStageMegabyteConfig(
          vocabularySize,
          dims,
          depths,
          stageLengths,
          headDim,
          heads,
          feedForwardMultiple,
          rotary,
          learnedPositions,
          padId,
          attentionDropout,
          feedForwardDropout);
    }
  }
}
