package org.megalab.model;

import java.util.List;
import org.megalab.json.ConfigException;
import org.megalab.layer.EncoderStack;
import org.megalab.layer.NormalizedAttention.AttentionDropout;

/**
 * What a {@link Megalodon} is built from. Every part that the paper adds has a switch, so that an
 * ablation can take it out.
 *
 * @param vocabularySize V, the number of symbols
 * @param contextLength T, the length of a training window
 * @param startId the id that stands before the first symbol; −1 for an embedding of its own
 * @param modelDim D
 * @param layers L
 * @param heads H, a divisor of sharedDim and valueDim
 * @param sharedDim Z, the width of the representation that queries and keys share
 * @param valueDim E, the width of the values
 * @param feedForwardDim F
 * @param swiglu whether the feed-forward is gated
 * @param rescaledFeedForward whether the feed-forward's result is scaled by a learned vector, 0.1 ·
 *     2^−ℓ at first in block ℓ
 * @param ema the moving average
 * @param emaModes N, the modes of the moving average a channel
 * @param norm the norm before a block and before the head
 * @param normGroups G, the groups of timestep and group norm, a divisor of D
 * @param normWeights whether the RMS norm and the layer norm inside a block have weights
 * @param normEpsilon ε of all norms
 * @param residual where the second residual of a block comes from
 * @param normalizedAttention whether the shared representation is normalised
 * @param chunkSize c, the steps that see each other in attention
 * @param ropeBase the base of the rotary frequencies
 * @param scaledEmbedding whether embeddings are multiplied by √D
 * @param tiedOutput whether the output matrix is the embedding
 * @param dropout the probability of dropping embeddings and the results of attention and
 *     feed-forward
 * @param hiddenDropout the probability of dropping values inside them
 * @param attentionDropout the probability of dropping attention weights
 * @param attentionDropoutKind how attention weights are dropped
 * @param initialization the distribution of the matrices at first
 */
public record MegalodonConfig(
    int vocabularySize,
    int contextLength,
    int startId,
    int modelDim,
    int layers,
    int heads,
    int sharedDim,
    int valueDim,
    int feedForwardDim,
    boolean swiglu,
    boolean rescaledFeedForward,
    Ema ema,
    int emaModes,
    Norm norm,
    int normGroups,
    boolean normWeights,
    double normEpsilon,
    Residual residual,
    boolean normalizedAttention,
    int chunkSize,
    double ropeBase,
    boolean scaledEmbedding,
    boolean tiedOutput,
    double dropout,
    double hiddenDropout,
    double attentionDropout,
    AttentionDropout attentionDropoutKind,
    Initialization initialization)
    implements EncoderConfig {

  /** The name of this architecture in the text form. */
  public static final String ARCHITECTURE = "megalodon";

  /** The moving average of a block. */
  public enum Ema {
    /** The complex exponential moving average, CEMA. */
    COMPLEX,
    /** The damped exponential moving average of MEGA, real and without its activation. */
    DAMPED,
    /** None: attention reads the normalised input alone. */
    NONE
  }

  /** The norm before a block and before the head. */
  public enum Norm {
    /** Timestep norm, causal. */
    TIMESTEP,
    /** Group norm over whole sequences, for classification: every step sees the future. */
    GROUP,
    /** Layer norm over the features of a step. */
    LAYER,
    /** Root-mean-square norm over the features of a step. */
    RMS
  }

  /** Where the second residual of a block comes from. */
  public enum Residual {
    /** From the block's input. */
    TWO_HOP,
    /** From the attention's result, as in other pre-norm Transformers. */
    PRE_NORM
  }

  /** The distribution of the matrices at first. */
  public enum Initialization {
    /** Normal, of variance 1 / (3 · inputs). */
    HE,
    /** Normal, of standard deviation 0.02. */
    BERT,
    /** Uniform in ±√(6 / (inputs + outputs)). */
    XAVIER,
    /** Normal, of standard deviation 1, cut off at ±3: the reference has it, nobody uses it. */
    GAUSSIAN
  }

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public MegalodonConfig {
    ConfigChecks.vocabulary(vocabularySize, startId);
    ConfigChecks.positive("contextLength", contextLength);
    ConfigChecks.positive("modelDim", modelDim);
    ConfigChecks.layers("layers", layers);
    ConfigChecks.divides("heads", heads, "sharedDim", sharedDim);
    ConfigChecks.divides("heads", heads, "valueDim", valueDim);
    ConfigException.check(
        sharedDim > 0 && sharedDim / heads % 2 == 0,
        "rotary positions turn pairs of channels, but a head has sharedDim/heads = %d/%d = %d; make"
            + " it even and positive",
        sharedDim,
        heads,
        sharedDim / heads);
    ConfigChecks.positive("valueDim", valueDim);
    ConfigChecks.positive("feedForwardDim", feedForwardDim);
    ConfigChecks.positive("emaModes", emaModes);
    ConfigChecks.divides("normGroups", normGroups, "modelDim", modelDim);
    ConfigException.check(
        norm != Norm.TIMESTEP || normGroups < modelDim,
        "normGroups = %d leaves one feature a group, whose first step has no variance; take fewer"
            + " than modelDim = %d",
        normGroups,
        modelDim);
    ConfigChecks.positive("normEpsilon", normEpsilon);
    ConfigChecks.positive("chunkSize", chunkSize);
    ConfigException.check(
        contextLength <= chunkSize || contextLength % chunkSize == 0,
        "chunkSize = %d does not divide contextLength = %d; take contextLength = %d",
        chunkSize,
        contextLength,
        Math.max(1, Math.round((double) contextLength / chunkSize)) * chunkSize);
    ConfigChecks.positive("ropeBase", ropeBase);
    ConfigChecks.probability("dropout", dropout);
    ConfigChecks.probability("hiddenDropout", hiddenDropout);
    ConfigChecks.probability("attentionDropout", attentionDropout);
  }

  @Override
  public String architecture() {
    return ARCHITECTURE;
  }

  /**
   * {@inheritDoc}
   *
   * @throws ConfigException with group norm, which sees the future
   */
  @Override
  public Megalodon newModel() {
    ConfigException.check(
        norm != Norm.GROUP,
        "norm = group sees the future, a language model would read what it predicts; take timestep,"
            + " layer or rms, or build a classifier");
    return new Megalodon(this);
  }

  @Override
  public EncoderStack newEncoder() {
    return Megalodon.encoder(this);
  }

  /**
   * {@inheritDoc} 2 L (D² + D Z + 3 D E + 2 D F) + L K (Z + E) + 12 L N D + 2 D V, K = min(c, T); 3
   * D F with SwiGLU, 5 N D for a real average.
   */
  @Override
  public Flops flops(int contextLength) {
    double dim = modelDim;
    double matrices = swiglu ? 3 : 2;
    Flops average =
        switch (ema) {
          case COMPLEX -> Flops.complexAverage(emaModes, dim);
          case DAMPED -> Flops.realAverage(emaModes, dim);
          case NONE -> Flops.NONE;
        };
    return Flops.weights(dim * (dim + sharedDim + 3.0 * valueDim + matrices * feedForwardDim))
        .plus(Flops.attention(Math.min(chunkSize, contextLength), sharedDim, valueDim))
        .plus(average)
        .times(layers)
        .plus(Flops.output(dim, vocabularySize));
  }

  /** Returns the names that {@link #preset} knows. */
  public static List<String> presetNames() {
    return MegalodonPresets.names();
  }

  /**
   * Returns a preset: {@code tiny} and {@code small} for bytes and notebooks; {@code 200m-bytes}
   * for bytes and benchmarks, the reference's {@code 200m} but for its vocabulary; the others as in
   * the reference implementation ({@code 200m}, {@code 1.3b}, {@code 1.3b-pg19}, {@code 7.1b},
   * {@code 7.3b}) and the paper ({@code 7b}), for a vocabulary of 32,000 tokens.
   *
   * @throws ConfigException if there is none of that name
   */
  public static MegalodonConfig preset(String name) {
    return MegalodonPresets.get(name);
  }

  /** Returns a builder with the reference implementation's defaults, for bytes. */
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
        .optHeads(heads)
        .setSharedDim(sharedDim)
        .setValueDim(valueDim)
        .setFeedForwardDim(feedForwardDim)
        .optSwiglu(swiglu)
        .optRescaledFeedForward(rescaledFeedForward)
        .optEma(ema)
        .optEmaModes(emaModes)
        .optNorm(norm)
        .optNormGroups(normGroups)
        .optNormWeights(normWeights)
        .optNormEpsilon(normEpsilon)
        .optResidual(residual)
        .optNormalizedAttention(normalizedAttention)
        .optChunkSize(chunkSize)
        .optRopeBase(ropeBase)
        .optScaledEmbedding(scaledEmbedding)
        .optTiedOutput(tiedOutput)
        .optDropout(dropout)
        .optHiddenDropout(hiddenDropout)
        .optAttentionDropout(attentionDropout)
        .optAttentionDropoutKind(attentionDropoutKind)
        .optInitialization(initialization);
  }

  /** Collects the values; what is not set is as in the reference implementation. */
  public static final class Builder {
    private int vocabularySize = 256;
    private int contextLength;
    private int startId = -1;
    private int modelDim;
    private int layers;
    private int heads = 1;
    private int sharedDim;
    private int valueDim;
    private int feedForwardDim;
    private boolean swiglu;
    private boolean rescaledFeedForward;
    private Ema ema = Ema.COMPLEX;
    private int emaModes = 16;
    private Norm norm = Norm.TIMESTEP;
    private int normGroups = 32;
    private boolean normWeights = true;
    private double normEpsilon = 1e-5;
    private Residual residual = Residual.TWO_HOP;
    private boolean normalizedAttention = true;
    private int chunkSize = 2048;
    private double ropeBase = 10_000;
    private boolean scaledEmbedding;
    private boolean tiedOutput;
    private double dropout;
    private double hiddenDropout;
    private double attentionDropout;
    private AttentionDropout attentionDropoutKind = AttentionDropout.DROP_KEY;
    private Initialization initialization = Initialization.HE;

    private Builder() {}

    /** Sets V, the number of symbols; 256 when not set. */
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

    /** Sets H, a divisor of sharedDim and valueDim; 1 when not set. */
    public Builder optHeads(int heads) {
      this.heads = heads;
      return this;
    }

    /** Sets Z, the width of the representation that queries and keys share. */
    public Builder setSharedDim(int sharedDim) {
      this.sharedDim = sharedDim;
      return this;
    }

    /** Sets E, the width of the values. */
    public Builder setValueDim(int valueDim) {
      this.valueDim = valueDim;
      return this;
    }

    /** Sets F. */
    public Builder setFeedForwardDim(int feedForwardDim) {
      this.feedForwardDim = feedForwardDim;
      return this;
    }

    /** Sets whether the feed-forward is gated; false when not set. */
    public Builder optSwiglu(boolean swiglu) {
      this.swiglu = swiglu;
      return this;
    }

    /**
     * Sets whether the feed-forward's result is scaled by a learned vector, 0.1 · 2^−ℓ at first in
     * block ℓ; false when not set.
     */
    public Builder optRescaledFeedForward(boolean rescaledFeedForward) {
      this.rescaledFeedForward = rescaledFeedForward;
      return this;
    }

    /** Sets the moving average; complex when not set. */
    public Builder optEma(Ema ema) {
      this.ema = ema;
      return this;
    }

    /** Sets N, the modes of the moving average a channel; 16 when not set. */
    public Builder optEmaModes(int emaModes) {
      this.emaModes = emaModes;
      return this;
    }

    /** Sets the norm before a block and before the head; timestep when not set. */
    public Builder optNorm(Norm norm) {
      this.norm = norm;
      return this;
    }

    /** Sets G, the groups of timestep and group norm, a divisor of D; 32 when not set. */
    public Builder optNormGroups(int normGroups) {
      this.normGroups = normGroups;
      return this;
    }

    /**
     * Sets whether the RMS norm and the layer norm inside a block have weights; true when not set.
     */
    public Builder optNormWeights(boolean normWeights) {
      this.normWeights = normWeights;
      return this;
    }

    /** Sets ε of all norms; 1e-5 when not set. */
    public Builder optNormEpsilon(double normEpsilon) {
      this.normEpsilon = normEpsilon;
      return this;
    }

    /** Sets where the second residual of a block comes from; two-hop when not set. */
    public Builder optResidual(Residual residual) {
      this.residual = residual;
      return this;
    }

    /** Sets whether the shared representation is normalised; true when not set. */
    public Builder optNormalizedAttention(boolean normalizedAttention) {
      this.normalizedAttention = normalizedAttention;
      return this;
    }

    /** Sets c, the steps that see each other in attention; 2048 when not set. */
    public Builder optChunkSize(int chunkSize) {
      this.chunkSize = chunkSize;
      return this;
    }

    /** Sets the base of the rotary frequencies; 10,000 when not set. */
    public Builder optRopeBase(double ropeBase) {
      this.ropeBase = ropeBase;
      return this;
    }

    /** Sets whether embeddings are multiplied by √D; false when not set. */
    public Builder optScaledEmbedding(boolean scaledEmbedding) {
      this.scaledEmbedding = scaledEmbedding;
      return this;
    }

    /** Sets whether the output matrix is the embedding; false when not set. */
    public Builder optTiedOutput(boolean tiedOutput) {
      this.tiedOutput = tiedOutput;
      return this;
    }

    /**
     * Sets the probability of dropping embeddings and the results of attention and feed-forward; 0
     * when not set.
     */
    public Builder optDropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    /** Sets the probability of dropping values inside them; 0 when not set. */
    public Builder optHiddenDropout(double hiddenDropout) {
      this.hiddenDropout = hiddenDropout;
      return this;
    }

    /** Sets the probability of dropping attention weights; 0 when not set. */
    public Builder optAttentionDropout(double attentionDropout) {
      this.attentionDropout = attentionDropout;
      return this;
    }

    /** Sets how attention weights are dropped; DropKey when not set. */
    public Builder optAttentionDropoutKind(AttentionDropout attentionDropoutKind) {
      this.attentionDropoutKind = attentionDropoutKind;
      return this;
    }

    /** Sets the distribution of the matrices at first; he when not set. */
    public Builder optInitialization(Initialization initialization) {
      this.initialization = initialization;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws ConfigException if a value is missing or values contradict each other
     */
    public MegalodonConfig build() {
      return new MegalodonConfig(
          vocabularySize,
          contextLength,
          startId,
          modelDim,
          layers,
          heads,
          sharedDim,
          valueDim,
          feedForwardDim,
          swiglu,
          rescaledFeedForward,
          ema,
          emaModes,
          norm,
          normGroups,
          normWeights,
          normEpsilon,
          residual,
          normalizedAttention,
          chunkSize,
          ropeBase,
          scaledEmbedding,
          tiedOutput,
          dropout,
          hiddenDropout,
          attentionDropout,
          attentionDropoutKind,
          initialization);
    }
  }
}
