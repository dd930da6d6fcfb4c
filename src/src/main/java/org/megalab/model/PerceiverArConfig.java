package org.megalab.model;

import ai.djl.training.initializer.Initializer;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;
import org.megalab.layer.FeedForward.Activation;
import org.megalab.layer.PerceiverArStack;

/**
 * What a {@link PerceiverAr} is built from.
 *
 * @param vocabularySize V, the number of symbols
 * @param contextLength T, the length of a training window
 * @param startId the id that stands before the first symbol; −1 for an embedding of its own
 * @param modelDim D
 * @param layers L, the layers over the latents alone
 * @param crossLayers the layers that read the prefix, before the others
 * @param heads H
 * @param headDim d, the width of a head; H·d may differ from D
 * @param feedForwardDim F
 * @param prefixLength C, the steps before a block of latents that it reads
 * @param latents M, the steps of a block
 * @param rotaryDim d_r, the channels of a head that turn, the first ones; even, 0 for none
 * @param learnedPositions whether there is a learned vector a position of the window
 * @param finalNorm whether a norm follows the last layer
 * @param biases whether all matrices of the layers have biases, not the cross-attention's last
 *     alone
 * @param activation f of the feed-forwards: gelu (the community), or squared_relu (the paper)
 * @param tiedOutput whether the output matrix is the embedding
 * @param dropout the probability of dropping in training: the cross-attention's probabilities and
 *     the feed-forwards' hidden values
 * @param prefixDropout the share of the prefix that the cross-attention does not see in training
 * @param lastWindowLoss whether training takes the loss of the last M steps alone
 * @param initStd the standard deviation of the initial weights
 */
public record PerceiverArConfig(
    int vocabularySize,
    int contextLength,
    int startId,
    int modelDim,
    int layers,
    int crossLayers,
    int heads,
    int headDim,
    int feedForwardDim,
    int prefixLength,
    int latents,
    int rotaryDim,
    boolean learnedPositions,
    boolean finalNorm,
    boolean biases,
    Activation activation,
    boolean tiedOutput,
    double dropout,
    double prefixDropout,
    boolean lastWindowLoss,
    double initStd)
    implements ModelConfig {

  /** The name of this architecture in the text form. */
  public static final String ARCHITECTURE = "perceiver-ar";

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public PerceiverArConfig {
    ConfigChecks.vocabulary(vocabularySize, startId);
    ConfigChecks.positive("contextLength", contextLength);
    ConfigChecks.positive("modelDim", modelDim);
    ConfigChecks.layers("layers", layers);
    ConfigChecks.layers("crossLayers", crossLayers);
    ConfigChecks.positive("heads", heads);
    ConfigChecks.positive("headDim", headDim);
    ConfigChecks.product("heads * headDim", heads, headDim);
    ConfigChecks.positive("feedForwardDim", feedForwardDim);
    ConfigChecks.positive("prefixLength", prefixLength);
    ConfigChecks.positive("latents", latents);
    ConfigChecks.sum("prefixLength + latents", prefixLength, latents);
    ConfigException.check(
        latents < contextLength,
        "latents = %d must be fewer than contextLength = %d: otherwise no training window has a"
            + " prefix",
        latents,
        contextLength);
    ConfigException.check(
        rotaryDim >= 0 && rotaryDim <= headDim && rotaryDim % 2 == 0,
        "rotaryDim = %d must be even and at most headDim = %d; set it, or take wider heads (when"
            + " not set it is at least 32)",
        rotaryDim,
        headDim);
    ConfigChecks.probability("dropout", dropout);
    ConfigChecks.probability("prefixDropout", prefixDropout);
    ConfigChecks.positive("initStd", initStd);
  }

  /** Returns what the layers share. */
  PerceiverArStack.Options options(Initializer weights) {
    return new PerceiverArStack.Options(
        modelDim,
        heads,
        headDim,
        feedForwardDim,
        prefixLength,
        latents,
        rotaryDim,
        learnedPositions,
        finalNorm,
        biases,
        activation,
        dropout,
        prefixDropout,
        weights);
  }

  @Override
  public String architecture() {
    return ARCHITECTURE;
  }

  @Override
  public PerceiverAr newModel() {
    return new PerceiverAr(this);
  }

  /**
   * {@inheritDoc} With c the mean prefix of the blocks of M that have a loss (all of a window, or
   * with {@code lastWindowLoss} the last), the layers over latents cost what those of a Transformer
   * with a context of M do, and those that read the prefix the keys and values of c / M steps more
   * and attention over c + M keys. A byte without a loss is not counted as one.
   */
  @Override
  public Flops flops(int contextLength) {
    double dim = modelDim;
    double inner = (double) heads * headDim;
    int block = Math.min(latents, contextLength);
    int last = (contextLength - 1) / block;
    double prefix =
        lastWindowLoss
            ? Math.min(prefixLength, contextLength - block)
            : IntStream.rangeClosed(0, last)
                .mapToDouble(i -> Math.min(prefixLength, (double) i * block))
                .average()
                .orElseThrow();
    double read = block + prefix;
    Flops self =
        Flops.weights(4 * dim * inner + 2 * dim * feedForwardDim)
            .plus(Flops.attention(block, inner, inner));
    Flops cross =
        Flops.weights(2 * dim * inner * (1 + read / block) + 2 * dim * feedForwardDim)
            .plus(Flops.attention(read, inner, inner));
    return self.times(layers)
        .plus(cross.times(crossLayers))
        .plus(Flops.output(dim, vocabularySize));
  }

  /** Returns the names that {@link #preset} knows. */
  public static List<String> presetNames() {
    return List.of("tiny", "small", "text", "image64", "image256", "image640", "audio");
  }

  /**
   * Returns a preset: {@code tiny} and {@code small} for notebooks; the others are the Perceiver
   * ARs of MEGABYTE's tables, whose layers are taken to include the one that reads the prefix.
   *
   * @throws ConfigException if there is none of that name
   */
  public static PerceiverArConfig preset(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "tiny" -> sizes(256, 64, 128, 3, 4).optInitStd(0.05).build();
      case "small" -> sizes(1024, 256, 256, 6, 8).optInitStd(0.05).build();
      case "text" -> sizes(8192, 1024, 1024, 17, 16).optDropout(0.1).build();
      case "image64" -> sizes(12288, 1024, 1024, 16, 16).optDropout(0.1).build();
      case "image256" -> sizes(8192, 768, 768, 6, 12).optDropout(0.1).build();
      case "image640" -> sizes(4096, 1024, 768, 6, 12).optDropout(0.1).build();
      case "audio" -> sizes(8192, 1024, 768, 6, 12).optDropout(0.1).build();
      default -> throw ConfigChecks.unknownPreset(ARCHITECTURE, name, presetNames());
    };
  }

  private static Builder sizes(
      int contextLength, int latents, int modelDim, int allLayers, int heads) {
    return builder()
        .setContextLength(contextLength)
        .setModelDim(modelDim)
        .setLayers(allLayers - 1)
        .setHeads(heads)
        .setPrefixLength(contextLength - latents)
        .setLatents(latents);
  }

  /** Returns a builder with the community's choices, for bytes. */
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
        .optCrossLayers(crossLayers)
        .setHeads(heads)
        .optHeadDim(headDim)
        .optFeedForwardDim(feedForwardDim)
        .setPrefixLength(prefixLength)
        .setLatents(latents)
        .optRotaryDim(rotaryDim)
        .optLearnedPositions(learnedPositions)
        .optFinalNorm(finalNorm)
        .optBiases(biases)
        .optActivation(activation)
        .optTiedOutput(tiedOutput)
        .optDropout(dropout)
        .optPrefixDropout(prefixDropout)
        .optLastWindowLoss(lastWindowLoss)
        .optInitStd(initStd);
  }

  /** Collects the values; what is not set is as in the community's model. */
  public static final class Builder {
    private int vocabularySize = 256;
    private int contextLength;
    private int startId = -1;
    private int modelDim;
    private int layers;
    private int crossLayers = 1;
    private int heads;
    private @Nullable Integer headDim;
    private @Nullable Integer feedForwardDim;
    private int prefixLength;
    private int latents;
    private @Nullable Integer rotaryDim;
    private boolean learnedPositions = true;
    private boolean finalNorm;
    private boolean biases;
    private Activation activation = Activation.GELU;
    private boolean tiedOutput;
    private double dropout;
    private double prefixDropout;
    private boolean lastWindowLoss;
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

    /** Sets L, the layers over the latents alone. */
    public Builder setLayers(int layers) {
      this.layers = layers;
      return this;
    }

    /** Sets the layers that read the prefix, before the others; 1 when not set. */
    public Builder optCrossLayers(int crossLayers) {
      this.crossLayers = crossLayers;
      return this;
    }

    /** Sets H. */
    public Builder setHeads(int heads) {
      this.heads = heads;
      return this;
    }

    /** Sets d; D/H when not set. */
    public Builder optHeadDim(int headDim) {
      this.headDim = headDim;
      return this;
    }

    /** Sets F; 4D when not set. */
    public Builder optFeedForwardDim(int feedForwardDim) {
      this.feedForwardDim = feedForwardDim;
      return this;
    }

    /** Sets C, the steps before a block of latents that it reads. */
    public Builder setPrefixLength(int prefixLength) {
      this.prefixLength = prefixLength;
      return this;
    }

    /** Sets M, the steps of a block. */
    public Builder setLatents(int latents) {
      this.latents = latents;
      return this;
    }

    /** Sets d_r, the channels of a head that turn; the larger of 32 and d/2 when not set. */
    public Builder optRotaryDim(int rotaryDim) {
      this.rotaryDim = rotaryDim;
      return this;
    }

    /** Sets whether there is a learned vector a position of the window; true when not set. */
    public Builder optLearnedPositions(boolean learnedPositions) {
      this.learnedPositions = learnedPositions;
      return this;
    }

    /** Sets whether a norm follows the last layer; false when not set. */
    public Builder optFinalNorm(boolean finalNorm) {
      this.finalNorm = finalNorm;
      return this;
    }

    /**
     * Sets whether all matrices of the layers have biases; only the cross-attention's last when not
     * set.
     */
    public Builder optBiases(boolean biases) {
      this.biases = biases;
      return this;
    }

    /** Sets f of the feed-forwards; gelu when not set. */
    public Builder optActivation(Activation activation) {
      this.activation = activation;
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

    /** Sets the share of the prefix that is not seen in training; 0 when not set. */
    public Builder optPrefixDropout(double prefixDropout) {
      this.prefixDropout = prefixDropout;
      return this;
    }

    /** Sets whether training takes the loss of the last M steps alone; false when not set. */
    public Builder optLastWindowLoss(boolean lastWindowLoss) {
      this.lastWindowLoss = lastWindowLoss;
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
    public PerceiverArConfig build() {
      int width = ConfigChecks.headDim(headDim, modelDim, heads);
      return new PerceiverArConfig(
          vocabularySize,
          contextLength,
          startId,
          modelDim,
          layers,
          crossLayers,
          heads,
          width,
          ConfigChecks.feedForwardDim(feedForwardDim, modelDim),
          prefixLength,
          latents,
          rotaryDim == null ? Math.max(32, width / 2) : rotaryDim,
          learnedPositions,
          finalNorm,
          biases,
          activation,
          tiedOutput,
          dropout,
          prefixDropout,
          lastWindowLoss,
          initStd);
    }
  }
}
