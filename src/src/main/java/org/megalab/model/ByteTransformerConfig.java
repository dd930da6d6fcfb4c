package org.megalab.model;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;
import org.megalab.model.MegabyteConfig.Position;

/**
 * What a {@link ByteTransformer} is built from.
 *
 * @param vocabularySize V, the number of symbols
 * @param contextLength T, the length of a training window, and the number of learned positions
 * @param startId the id that stands before the first symbol; −1 for an embedding of its own
 * @param modelDim D
 * @param layers L
 * @param heads H, a divisor of D
 * @param feedForwardDim F
 * @param position how it knows positions: a learned table (the paper), rotation, or not at all
 * @param tiedOutput whether the output matrix is the embedding
 * @param dropout the probability of dropping in training, but for embeddings
 * @param initStd the standard deviation of the initial weights, truncated at two of it
 */
public record ByteTransformerConfig(
    int vocabularySize,
    int contextLength,
    int startId,
    int modelDim,
    int layers,
    int heads,
    int feedForwardDim,
    Position position,
    boolean tiedOutput,
    double dropout,
    double initStd)
    implements ModelConfig {

  /** The name of this architecture in the text form. */
  public static final String ARCHITECTURE = "transformer";

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public ByteTransformerConfig {
    ConfigChecks.vocabulary(vocabularySize, startId);
    ConfigChecks.positive("contextLength", contextLength);
    ConfigChecks.positive("modelDim", modelDim);
    ConfigChecks.layers("layers", layers);
    ConfigChecks.divides("heads", heads, "modelDim", modelDim);
    ConfigChecks.positive("feedForwardDim", feedForwardDim);
    ConfigException.check(
        position != Position.ROTARY || modelDim / heads % 2 == 0,
        "position = rotary turns pairs of channels, but the head dimension is %d = %d/%d; take"
            + " another number of heads",
        modelDim / heads,
        modelDim,
        heads);
    ConfigChecks.probability("dropout", dropout);
    ConfigChecks.positive("initStd", initStd);
  }

  @Override
  public String architecture() {
    return ARCHITECTURE;
  }

  @Override
  public ByteTransformer newModel() {
    return new ByteTransformer(this);
  }

  /** {@inheritDoc} 2 L (4 D² + 2 D F) + 2 L T D + 2 D V. */
  @Override
  public Flops flops(int contextLength) {
    double dim = modelDim;
    return Flops.weights(4 * dim * dim + 2 * dim * feedForwardDim)
        .plus(Flops.attention(contextLength, dim, dim))
        .times(layers)
        .plus(Flops.output(dim, vocabularySize));
  }

  /** Returns the names that {@link #preset} knows. */
  public static List<String> presetNames() {
    return List.of("tiny", "small", "text", "pg19", "image64", "image256", "image640", "audio");
  }

  /**
   * Returns a preset: {@code tiny} and {@code small} for notebooks; the others are the Transformers
   * of MEGABYTE's tables, {@code pg19} being the text one with the context of that run.
   *
   * @throws ConfigException if there is none of that name
   */
  public static ByteTransformerConfig preset(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "tiny" -> notebook(256, 128, 2, 4, 0.05);
      case "small" -> notebook(1024, 256, 6, 8, 0.06);
      case "text" -> paper(1024, 1024, 22, 16);
      case "pg19" -> paper(2048, 1024, 22, 16);
      case "image64" -> paper(2048, 1536, 24, 16);
      case "image256" -> paper(1024, 768, 6, 12);
      case "image640" -> paper(1024, 768, 8, 12);
      case "audio" -> paper(1024, 768, 13, 12);
      default -> throw ConfigChecks.unknownPreset(ARCHITECTURE, name, presetNames());
    };
  }

  private static ByteTransformerConfig paper(
      int contextLength, int modelDim, int layers, int heads) {
    return builder()
        .setContextLength(contextLength)
        .setModelDim(modelDim)
        .setLayers(layers)
        .setHeads(heads)
        .build();
  }

  /** Small widths learn faster from a wider initialisation, and a few minutes need no dropout. */
  private static ByteTransformerConfig notebook(
      int contextLength, int modelDim, int layers, int heads, double initStd) {
    return paper(contextLength, modelDim, layers, heads).toBuilder()
        .optInitStd(initStd)
        .optDropout(0)
        .build();
  }

  /** Returns a builder with the paper's defaults. */
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
        .optFeedForwardDim(feedForwardDim)
        .optPosition(position)
        .optTiedOutput(tiedOutput)
        .optDropout(dropout)
        .optInitStd(initStd);
  }

  /** Collects the values; what is not set is as in the paper. */
  public static final class Builder {
    private int vocabularySize = 256;
    private int contextLength;
    private int startId = -1;
    private int modelDim;
    private int layers;
    private int heads;
    private @Nullable Integer feedForwardDim;
    private Position position = Position.LEARNED;
    private boolean tiedOutput = true;
    private double dropout = 0.1;
    private double initStd = 0.006;

    private Builder() {}

    /** Sets V; 256 when not set. */
    public Builder optVocabularySize(int vocabularySize) {
      this.vocabularySize = vocabularySize;
      return this;
    }

    /** Sets T, the length of a training window, and the number of learned positions. */
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

    /** Sets F; 4D when not set. */
    public Builder optFeedForwardDim(int feedForwardDim) {
      this.feedForwardDim = feedForwardDim;
      return this;
    }

    /** Sets how it knows positions; a learned table when not set. */
    public Builder optPosition(Position position) {
      this.position = position;
      return this;
    }

    /** Sets whether the output matrix is the embedding; true when not set. */
    public Builder optTiedOutput(boolean tiedOutput) {
      this.tiedOutput = tiedOutput;
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
    public ByteTransformerConfig build() {
      return new ByteTransformerConfig(
          vocabularySize,
          contextLength,
          startId,
          modelDim,
          layers,
          heads,
          ConfigChecks.feedForwardDim(feedForwardDim, modelDim),
          position,
          tiedOutput,
          dropout,
          initStd);
    }
  }
}
