package org.megalab.model;

import java.util.List;
import java.util.Locale;
import org.megalab.json.ConfigException;
import org.megalab.layer.EncoderStack;
import org.megalab.layer.NormKind;
import org.megalab.layer.S4dInit;

/**
 * What an {@link S4dModel} is built from.
 *
 * @param vocabularySize V, the number of symbols
 * @param contextLength T, the length of a training window
 * @param startId the id that stands before the first symbol; −1 for an embedding of its own
 * @param modelDim D
 * @param layers L
 * @param stateDim N, the states of a channel, of which N/2 are stored
 * @param init where the eigenvalues begin
 * @param feedForwardDim F of the feed-forward behind each state space layer; 0 for none
 * @param norm which norm; batch norm for classification only: it sees the future
 * @param preNorm whether norms are in front of layers or behind them
 * @param normEpsilon ε of the norms
 * @param tiedOutput whether the output matrix is the embedding
 * @param dropout the probability of dropping in training, whole channels in state space layers
 * @param initStd the standard deviation of the initial weights of embedding, output and
 *     feed-forward
 */
public record S4dConfig(
    int vocabularySize,
    int contextLength,
    int startId,
    int modelDim,
    int layers,
    int stateDim,
    S4dInit init,
    int feedForwardDim,
    NormKind norm,
    boolean preNorm,
    double normEpsilon,
    boolean tiedOutput,
    double dropout,
    double initStd)
    implements EncoderConfig {

  /** The name of this architecture in the text form. */
  public static final String ARCHITECTURE = "s4d";

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public S4dConfig {
    ConfigChecks.vocabulary(vocabularySize, startId);
    ConfigChecks.positive("contextLength", contextLength);
    ConfigChecks.positive("modelDim", modelDim);
    ConfigChecks.layers("layers", layers);
    ConfigException.check(
        stateDim > 0 && stateDim % 2 == 0,
        "stateDim counts conjugate pairs and must be positive and even, got %d",
        stateDim);
    ConfigException.check(
        feedForwardDim >= 0,
        "feedForwardDim must be positive, or 0 for no feed-forward, got %d",
        feedForwardDim);
    ConfigChecks.positive("normEpsilon", normEpsilon);
    ConfigChecks.probability("dropout", dropout);
    ConfigChecks.positive("initStd", initStd);
  }

  @Override
  public String architecture() {
    return ARCHITECTURE;
  }

  /**
   * {@inheritDoc}
   *
   * @throws ConfigException with batch norm, which sees the future
   */
  @Override
  public S4dModel newModel() {
    ConfigChecks.causal(norm);
    return new S4dModel(this);
  }

  @Override
  public EncoderStack newEncoder() {
    return S4dModel.encoder(this);
  }

  /** {@inheritDoc} 2 L (2 D² + 2 D F) + 14 L (N / 2) D + 2 D V, whatever the length. */
  @Override
  public Flops flops(int contextLength) {
    double dim = modelDim;
    return Flops.weights(2 * dim * dim + 2 * dim * feedForwardDim)
        .plus(Flops.stateSpace(stateDim / 2.0, dim))
        .times(layers)
        .plus(Flops.output(dim, vocabularySize));
  }

  /** Returns the names that {@link #preset} knows. */
  public static List<String> presetNames() {
    return List.of("tiny", "small");
  }

  /**
   * Returns a preset: {@code tiny} and {@code small}, for bytes and notebooks.
   *
   * @throws ConfigException if there is none of that name
   */
  public static S4dConfig preset(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "tiny" -> sizes(256, 128, 4).optFeedForwardDim(256).build();
      case "small" -> sizes(1024, 256, 6).optFeedForwardDim(1024).build();
      default -> throw ConfigChecks.unknownPreset(ARCHITECTURE, name, presetNames());
    };
  }

  private static Builder sizes(int contextLength, int modelDim, int layers) {
    return builder().setContextLength(contextLength).setModelDim(modelDim).setLayers(layers);
  }

  /** Returns a builder with S4D's defaults, for bytes. */
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
        .optStateDim(stateDim)
        .optInit(init)
        .optFeedForwardDim(feedForwardDim)
        .optNorm(norm)
        .optPreNorm(preNorm)
        .optNormEpsilon(normEpsilon)
        .optTiedOutput(tiedOutput)
        .optDropout(dropout)
        .optInitStd(initStd);
  }

  /** Collects the values. */
  public static final class Builder {
    private int vocabularySize = 256;
    private int contextLength;
    private int startId = -1;
    private int modelDim;
    private int layers;
    private int stateDim = 64;
    private S4dInit init = S4dInit.LIN;
    private int feedForwardDim;
    private NormKind norm = NormKind.LAYER;
    private boolean preNorm = true;
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

    /** Sets N; 64 when not set. */
    public Builder optStateDim(int stateDim) {
      this.stateDim = stateDim;
      return this;
    }

    /** Sets where the eigenvalues begin; lin when not set. */
    public Builder optInit(S4dInit init) {
      this.init = init;
      return this;
    }

    /** Sets F; 0, which is none, when not set. */
    public Builder optFeedForwardDim(int feedForwardDim) {
      this.feedForwardDim = feedForwardDim;
      return this;
    }

    /** Sets the norm; LayerNorm when not set. */
    public Builder optNorm(NormKind norm) {
      this.norm = norm;
      return this;
    }

    /** Sets whether norms are in front of layers; true when not set. */
    public Builder optPreNorm(boolean preNorm) {
      this.preNorm = preNorm;
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

    /** Sets the standard deviation of initial weights; 0.02 when not set. */
    public Builder optInitStd(double initStd) {
      this.initStd = initStd;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws ConfigException if a value is missing or values contradict each other
     */
    public S4dConfig build() {
      return new S4dConfig(
          vocabularySize,
          contextLength,
          startId,
          modelDim,
          layers,
          stateDim,
          init,
          feedForwardDim,
          norm,
          preNorm,
          normEpsilon,
          tiedOutput,
          dropout,
          initStd);
    }
  }
}
