package org.megalab.model;

import java.util.List;
import java.util.Locale;
import org.megalab.json.ConfigException;
import org.megalab.layer.AttentionFunction;
import org.megalab.layer.EncoderStack;
import org.megalab.layer.MegaSettings;
import org.megalab.layer.NormKind;
import org.megalab.layer.RelativeBias;

/**
 * What a {@link Mega} is built from.
 *
 * @param vocabularySize V, the number of symbols
 * @param contextLength T, the length of a training window
 * @param startId the id that stands before the first symbol; −1 for an embedding of its own
 * @param modelDim D
 * @param layers L
 * @param sharedDim Z, of queries and keys
 * @param valueDim E
 * @param feedForwardDim F
 * @param emaModes N, the modes of the moving average
 * @param attention how scores become weights
 * @param relativeBias what is added to the scores for the distance; the simple one tells chunkSize
 *     positions apart, or contextLength where there are no chunks
 * @param chunkSize C, the steps that attend to each other; 0 for all
 * @param norm which norm; batch norm for classification only: it sees the future
 * @param preNorm whether norms are in front of layers or behind them
 * @param affineFinalNorm whether the last norm has parameters; there is one with pre-norm alone
 * @param normEpsilon ε of the norms
 * @param scaledEmbedding whether embeddings are multiplied by √D
 * @param tiedOutput whether the output matrix is the embedding
 * @param dropout the probability of dropping embedded values, averages and results of layers
 * @param attentionDropout the probability of dropping attention weights
 * @param hiddenDropout the probability of dropping hidden values of attention and feed-forward
 * @param initStd the standard deviation of the layers' initial weights; embeddings have 1/√D
 */
public record MegaConfig(
    int vocabularySize,
    int contextLength,
    int startId,
    int modelDim,
    int layers,
    int sharedDim,
    int valueDim,
    int feedForwardDim,
    int emaModes,
    AttentionFunction attention,
    RelativeBias relativeBias,
    int chunkSize,
    NormKind norm,
    boolean preNorm,
    boolean affineFinalNorm,
    double normEpsilon,
    boolean scaledEmbedding,
    boolean tiedOutput,
    double dropout,
    double attentionDropout,
    double hiddenDropout,
    double initStd)
    implements EncoderConfig {

  /** The name of this architecture in the text form. */
  public static final String ARCHITECTURE = "mega";

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public MegaConfig {
    ConfigChecks.vocabulary(vocabularySize, startId);
    ConfigChecks.positive("contextLength", contextLength);
    ConfigChecks.positive("modelDim", modelDim);
    ConfigChecks.layers("layers", layers);
    ConfigChecks.positive("sharedDim", sharedDim);
    ConfigChecks.positive("valueDim", valueDim);
    ConfigException.check(
        2L * modelDim + sharedDim + valueDim <= Integer.MAX_VALUE,
        "2 * modelDim + sharedDim + valueDim = 2 * %d + %d + %d is more than %d; take smaller ones",
        modelDim,
        sharedDim,
        valueDim,
        Integer.MAX_VALUE);
    ConfigChecks.positive("feedForwardDim", feedForwardDim);
    ConfigChecks.positive("emaModes", emaModes);
    ConfigException.check(
        relativeBias != RelativeBias.ROTARY || sharedDim % 2 == 0,
        "the rotary bias turns pairs of channels, but sharedDim is %d; make it even, or take the"
            + " simple bias",
        sharedDim);
    ConfigException.check(
        chunkSize >= 0, "chunkSize must be positive, or 0 for no chunks, got %d", chunkSize);
    ConfigChecks.positive("normEpsilon", normEpsilon);
    ConfigChecks.probability("dropout", dropout);
    ConfigChecks.probability("attentionDropout", attentionDropout);
    ConfigChecks.probability("hiddenDropout", hiddenDropout);
    ConfigChecks.positive("initStd", initStd);
  }

  /** Returns what each layer's attention is built from. */
  MegaSettings settings(boolean bidirectional) {
    return MegaSettings.builder(modelDim, sharedDim, valueDim, emaModes)
        .optFunction(attention)
        .optRelativeBias(relativeBias)
        .optPositions(contextLength)
        .optChunkSize(chunkSize)
        .optNorm(norm, preNorm, normEpsilon)
        .optBidirectional(bidirectional)
        .optDropout(dropout, attentionDropout, hiddenDropout)
        .optInitStd(initStd)
        .build();
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
  public Mega newModel() {
    ConfigChecks.causal(norm);
    return new Mega(this);
  }

  @Override
  public EncoderStack newEncoder() {
    return Mega.encoder(this);
  }

  /**
   * {@inheritDoc} 2 L (2 D² + D Z + 3 D E + 2 D F) + L K (Z + E) + 5 L N D + 2 D V, K the chunk or,
   * without chunks, T.
   */
  @Override
  public Flops flops(int contextLength) {
    double dim = modelDim;
    int keys = chunkSize > 0 ? Math.min(chunkSize, contextLength) : contextLength;
    return Flops.weights(dim * (2 * dim + sharedDim + 3.0 * valueDim + 2.0 * feedForwardDim))
        .plus(Flops.attention(keys, sharedDim, valueDim))
        .plus(Flops.realAverage(emaModes, dim))
        .times(layers)
        .plus(Flops.output(dim, vocabularySize));
  }

  /** Returns the names that {@link #preset} knows. */
  public static List<String> presetNames() {
    return List.of("tiny", "small", "enwik8", "wikitext103");
  }

  /**
   * Returns a preset: {@code tiny} and {@code small} for bytes and notebooks; {@code enwik8} and
   * {@code wikitext103} as published. enwik8's 39 million parameters are all here. WikiText-103's
   * layers have the 207 million of the published 252 million; the other 45 are its adaptive
   * embedding, in whose place stands a full one of 274 million.
   *
   * @throws ConfigException if there is none of that name
   */
  public static MegaConfig preset(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "tiny" ->
          sizes(256, 128, 2, 64, 256, 256).optChunkSize(128).optTiedOutput(false).build();
      case "small" ->
          sizes(1024, 256, 6, 128, 512, 512).optChunkSize(256).optTiedOutput(false).build();
      case "enwik8" ->
          sizes(8192, 512, 12, 128, 1024, 1024).optChunkSize(2048).optDropout(0.1).build();
      case "wikitext103" ->
          sizes(6144, 1024, 16, 256, 2048, 2048)
              .optVocabularySize(267_735)
              .optChunkSize(1024)
              .optDropout(0.3)
              .optAttentionDropout(0.1)
              .optHiddenDropout(0.1)
              .build();
      default -> throw ConfigChecks.unknownPreset(ARCHITECTURE, name, presetNames());
    };
  }

  private static Builder sizes(
      int contextLength, int modelDim, int layers, int sharedDim, int valueDim, int hidden) {
    return builder()
        .setContextLength(contextLength)
        .setModelDim(modelDim)
        .setLayers(layers)
        .setSharedDim(sharedDim)
        .setValueDim(valueDim)
        .setFeedForwardDim(hidden);
  }

  /** Returns a builder with the published language models' defaults, for bytes. */
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
        .setSharedDim(sharedDim)
        .setValueDim(valueDim)
        .setFeedForwardDim(feedForwardDim)
        .optEmaModes(emaModes)
        .optAttention(attention)
        .optRelativeBias(relativeBias)
        .optChunkSize(chunkSize)
        .optNorm(norm)
        .optPreNorm(preNorm)
        .optAffineFinalNorm(affineFinalNorm)
        .optNormEpsilon(normEpsilon)
        .optScaledEmbedding(scaledEmbedding)
        .optTiedOutput(tiedOutput)
        .optDropout(dropout)
        .optAttentionDropout(attentionDropout)
        .optHiddenDropout(hiddenDropout)
        .optInitStd(initStd);
  }

  /** Collects the values. */
  public static final class Builder {
    private int vocabularySize = 256;
    private int contextLength;
    private int startId = -1;
    private int modelDim;
    private int layers;
    private int sharedDim;
    private int valueDim;
    private int feedForwardDim;
    private int emaModes = 16;
    private AttentionFunction attention = AttentionFunction.SOFTMAX;
    private RelativeBias relativeBias = RelativeBias.ROTARY;
    private int chunkSize;
    private NormKind norm = NormKind.LAYER;
    private boolean preNorm = true;
    private boolean affineFinalNorm;
    private double normEpsilon = 1e-5;
    private boolean scaledEmbedding = true;
    private boolean tiedOutput = true;
    private double dropout;
    private double attentionDropout;
    private double hiddenDropout;
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

    /** Sets Z. */
    public Builder setSharedDim(int sharedDim) {
      this.sharedDim = sharedDim;
      return this;
    }

    /** Sets E. */
    public Builder setValueDim(int valueDim) {
      this.valueDim = valueDim;
      return this;
    }

    /** Sets F. */
    public Builder setFeedForwardDim(int feedForwardDim) {
      this.feedForwardDim = feedForwardDim;
      return this;
    }

    /** Sets N; 16 when not set. */
    public Builder optEmaModes(int emaModes) {
      this.emaModes = emaModes;
      return this;
    }

    /** Sets how scores become weights; softmax when not set. */
    public Builder optAttention(AttentionFunction attention) {
      this.attention = attention;
      return this;
    }

    /** Sets what is added to the scores for the distance; rotary when not set. */
    public Builder optRelativeBias(RelativeBias relativeBias) {
      this.relativeBias = relativeBias;
      return this;
    }

    /** Sets C; 0, which is no chunks, when not set. */
    public Builder optChunkSize(int chunkSize) {
      this.chunkSize = chunkSize;
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

    /** Sets whether the last norm has parameters; false when not set. */
    public Builder optAffineFinalNorm(boolean affineFinalNorm) {
      this.affineFinalNorm = affineFinalNorm;
      return this;
    }

    /** Sets ε of the norms; 1e-5 when not set. */
    public Builder optNormEpsilon(double normEpsilon) {
      this.normEpsilon = normEpsilon;
      return this;
    }

    /** Sets whether embeddings are multiplied by √D; true when not set. */
    public Builder optScaledEmbedding(boolean scaledEmbedding) {
      this.scaledEmbedding = scaledEmbedding;
      return this;
    }

    /** Sets whether the output matrix is the embedding; true when not set. */
    public Builder optTiedOutput(boolean tiedOutput) {
      this.tiedOutput = tiedOutput;
      return this;
    }

    /** Sets the dropout probability; 0 when not set. */
    public Builder optDropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    /** Sets the dropout probability of attention weights; 0 when not set. */
    public Builder optAttentionDropout(double attentionDropout) {
      this.attentionDropout = attentionDropout;
      return this;
    }

    /** Sets the dropout probability of hidden values; 0 when not set. */
    public Builder optHiddenDropout(double hiddenDropout) {
      this.hiddenDropout = hiddenDropout;
      return this;
    }

    /** Sets the standard deviation of the layers' initial weights; 0.02 when not set. */
    public Builder optInitStd(double initStd) {
      this.initStd = initStd;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws ConfigException if a value is missing or values contradict each other
     */
    public MegaConfig build() {
      return new MegaConfig(
          vocabularySize,
          contextLength,
          startId,
          modelDim,
          layers,
          sharedDim,
          valueDim,
          feedForwardDim,
          emaModes,
          attention,
          relativeBias,
          chunkSize,
          norm,
          preNorm,
          affineFinalNorm,
          normEpsilon,
          scaledEmbedding,
          tiedOutput,
          dropout,
          attentionDropout,
          hiddenDropout,
          initStd);
    }
  }
}
