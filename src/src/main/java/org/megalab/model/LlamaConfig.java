package org.megalab.model;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;
import org.megalab.layer.RopePairing;

/**
 * What a {@link Llama} is built from.
 *
 * @param vocabularySize V, the number of symbols
 * @param contextLength T, the length of a training window
 * @param startId the id that stands before the first symbol; −1 for an embedding of its own
 * @param modelDim D
 * @param layers L
 * @param heads H
 * @param keyValueHeads H_kv, the heads of keys and values; H for 7B and 13B
 * @param feedForwardDim F
 * @param ropePairing which channels turn together
 * @param ropeBase the base of the rotary frequencies
 * @param normEpsilon ε of the norms
 * @param tiedOutput whether the output matrix is the embedding
 * @param dropout the probability of dropping in training
 * @param initStd the standard deviation of the initial weights; those of the two matrices that
 *     write into the residual stream are divided by √(2L)
 */
public record LlamaConfig(
    int vocabularySize,
    int contextLength,
    int startId,
    int modelDim,
    int layers,
    int heads,
    int keyValueHeads,
    int feedForwardDim,
    RopePairing ropePairing,
    double ropeBase,
    double normEpsilon,
    boolean tiedOutput,
    double dropout,
    double initStd)
    implements ModelConfig {

  /** The name of this architecture in the text form. */
  public static final String ARCHITECTURE = "llama";

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public LlamaConfig {
    ConfigChecks.vocabulary(vocabularySize, startId);
    ConfigChecks.positive("contextLength", contextLength);
    ConfigChecks.positive("modelDim", modelDim);
    ConfigChecks.layers("layers", layers);
    ConfigChecks.divides("heads", heads, "modelDim", modelDim);
    ConfigChecks.divides("keyValueHeads", keyValueHeads, "heads", heads);
    ConfigChecks.positive("feedForwardDim", feedForwardDim);
    ConfigException.check(
        modelDim / heads % 2 == 0,
        "rotary positions turn pairs of channels, but the head dimension is %d = %d/%d; take"
            + " another number of heads",
        modelDim / heads,
        modelDim,
        heads);
    ConfigChecks.positive("ropeBase", ropeBase);
    ConfigChecks.positive("normEpsilon", normEpsilon);
    ConfigChecks.probability("dropout", dropout);
    ConfigChecks.positive("initStd", initStd);
  }

  /** Returns d = D/H. */
  public int headDim() {
    return modelDim / heads;
  }

  /**
   * Returns the feed-forward dimension of Llama 2 for a model dimension: 8/3 of it, rounded up to a
   * multiple of 256.
   *
   * @throws ConfigException if that is more than an int
   */
  public static int llamaFeedForwardDim(int modelDim) {
    long width = (8L * modelDim / 3 + 255) / 256 * 256;
    ConfigException.check(
        width == (int) width,
        "modelDim = %d is too large: feedForwardDim = 8/3 * modelDim is %d; take a smaller one",
        modelDim,
        width);
    return (int) width;
  }

  @Override
  public String architecture() {
    return ARCHITECTURE;
  }

  @Override
  public Llama newModel() {
    return new Llama(this);
  }

  /** {@inheritDoc} 2 L (2 D² + 2 D D_kv + 3 D F) + 2 L T D + 2 D V, D_kv = D H_kv / H. */
  @Override
  public Flops flops(int contextLength) {
    double dim = modelDim;
    double keyValueDim = (double) headDim() * keyValueHeads;
    return Flops.weights(2 * dim * dim + 2 * dim * keyValueDim + 3 * dim * feedForwardDim)
        .plus(Flops.attention(contextLength, dim, dim))
        .times(layers)
        .plus(Flops.output(dim, vocabularySize));
  }

  /** Returns the names that {@link #preset} knows. */
  public static List<String> presetNames() {
    return List.of("tiny", "small", "155m", "7b", "13b");
  }

  /**
   * Returns a preset: {@code tiny} and {@code small} for bytes and notebooks; {@code 155m} for
   * bytes and benchmarks; {@code 7b} and {@code 13b} as published, for a vocabulary of 32,000
   * tokens.
   *
   * @throws ConfigException if there is none of that name
   */
  public static LlamaConfig preset(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "tiny" -> bytes(256, 128, 2, 4, 384);
      case "small" -> bytes(1024, 256, 6, 8, 768);
      case "155m" -> bytes(8192, 1024, 12, 16, 2816);
      case "7b" -> tokens(4096, 32, 32);
      case "13b" -> tokens(5120, 40, 40);
      default -> throw ConfigChecks.unknownPreset(ARCHITECTURE, name, presetNames());
    };
  }

  private static LlamaConfig bytes(
      int contextLength, int modelDim, int layers, int heads, int feedForwardDim) {
    return builder()
        .setContextLength(contextLength)
        .setModelDim(modelDim)
        .setLayers(layers)
        .setHeads(heads)
        .optFeedForwardDim(feedForwardDim)
        .build();
  }

  private static LlamaConfig tokens(int modelDim, int layers, int heads) {
    return builder()
        .optVocabularySize(32_000)
        .optStartId(1)
        .setContextLength(4096)
        .setModelDim(modelDim)
        .setLayers(layers)
        .setHeads(heads)
        .build();
  }

  /** Returns a builder with Llama 2's defaults, for bytes. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .optVocabularySize(vocabularySize)
        .setContextLength(contextLength)
        .optStartId(startId)
        .setModelDim(modelDim)
        .setLayers(layers)
        .setHeads(heads)
        .optKeyValueHeads(keyValueHeads)
        .optFeedForwardDim(feedForwardDim)
        .optRopePairing(ropePairing)
        .optRopeBase(ropeBase)
        .optNormEpsilon(normEpsilon)
        .optTiedOutput(tiedOutput)
        .optDropout(dropout)
        .optInitStd(initStd);
  }

  /** Collects the values; what is not set is as in Llama 2. */
  public static final class Builder {
    private int vocabularySize = 256;
    private int contextLength;
    private int startId = -1;
    private int modelDim;
    private int layers;
    private int heads;
    private @Nullable Integer keyValueHeads;
    private @Nullable Integer feedForwardDim;
    private RopePairing ropePairing = RopePairing.ADJACENT;
    private double ropeBase = 10_000;
    private double normEpsilon = 1e-5;
    private boolean tiedOutput;
    private double dropout;
    private double initStd = 0.02;

    private Builder() {}

    /** Sets V; 256 when not set. */
    public Builder optVocabularySize(int vocabularySize) {
      this.vocabularySize = vocabularySize;
      return this;
    }

    /** Sets T, the length of a training window. */
    public Builder setContextLength(int contextLength) {
      this.contextLength = contextLength;
      return this;
    }

    /** Sets the id that stands before the first symbol; an embedding of its own when not set. */
    public Builder optStartId(int startId) {
      this.startId = startId;
      return this;
    }

    /** Sets D. */
    public Builder setModelDim(int modelDim) {
      this.modelDim = modelDim;
      return this;
    }

    /** Sets L. */
    public Builder setLayers(int layers) {
      this.layers = layers;
      return this;
    }

    /** Sets H, a divisor of D. */
    public Builder setHeads(int heads) {
      this.heads = heads;
      return this;
    }

    /** Sets H_kv, a divisor of H; H when not set. */
    public Builder optKeyValueHeads(int keyValueHeads) {
      this.keyValueHeads = keyValueHeads;
      return this;
    }

    /** Sets F; {@link #llamaFeedForwardDim} of D when not set. */
    public Builder optFeedForwardDim(int feedForwardDim) {
      this.feedForwardDim = feedForwardDim;
      return this;
    }

    /** Sets which channels turn together; adjacent ones when not set. */
    public Builder optRopePairing(RopePairing ropePairing) {
      this.ropePairing = ropePairing;
      return this;
    }

    /** Sets the base of the rotary frequencies; 10,000 when not set. */
    public Builder optRopeBase(double ropeBase) {
      this.ropeBase = ropeBase;
      return this;
    }

    /** Sets ε of the norms; 1e-5 when not set. */
    public Builder optNormEpsilon(double normEpsilon) {
      this.normEpsilon = normEpsilon;
      return this;
    }

    /** Sets whether the output matrix is the embedding; false when not set. */
    public Builder optTiedOutput(boolean tiedOutput) {
      this.tiedOutput = tiedOutput;
      return this;
    }

    /** Sets the dropout probability; 0 when not set. */
    public Builder optDropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    /** Sets the standard deviation of the initial weights; 0.02 when not set. */
    public Builder optInitStd(double initStd) {
      this.initStd = initStd;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws ConfigException if a value is missing or values contradict each other
     */
    public LlamaConfig build() {
      return new LlamaConfig(
          vocabularySize,
          contextLength,
          startId,
          modelDim,
          layers,
          heads,
          keyValueHeads == null ? heads : keyValueHeads,
          feedForwardDim == null ? llamaFeedForwardDim(modelDim) : feedForwardDim,
          ropePairing,
          ropeBase,
          normEpsilon,
          tiedOutput,
          dropout,
          initStd);
    }
  }
}
