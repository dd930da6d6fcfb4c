package org.megalab.layer;

import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;

/**
 * What a {@link MegaAttention} is built from.
 *
 * @param modelDim D
 * @param sharedDim Z, of queries and keys; even for a rotary bias
 * @param valueDim E
 * @param emaModes N, the modes of the moving average
 * @param function how scores become weights
 * @param relativeBias what is added to them for the distance
 * @param positions M, how many positions the simple bias tells apart; it is the chunk size where
 *     there is one
 * @param chunkSize C, the steps that attend to each other; 0 for all
 * @param norm which norm
 * @param preNorm whether the norm is before the layer or after it
 * @param normEpsilon ε of the norm
 * @param bidirectional whether every step sees all others of its chunk, or those before
 * @param dropout the probability of dropping values of the moving average and of the candidate
 * @param attentionDropout the probability of dropping attention weights
 * @param hiddenDropout the probability of dropping values of V
 * @param initStd the standard deviation of the initial weights
 */
public record MegaSettings(
    int modelDim,
    int sharedDim,
    int valueDim,
    int emaModes,
    AttentionFunction function,
    RelativeBias relativeBias,
    int positions,
    int chunkSize,
    NormKind norm,
    boolean preNorm,
    double normEpsilon,
    boolean bidirectional,
    double dropout,
    double attentionDropout,
    double hiddenDropout,
    double initStd) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException naming the values that are out of range
   */
  public MegaSettings {
    if (modelDim < 1 || sharedDim < 1 || valueDim < 1 || emaModes < 1 || chunkSize < 0) {
      throw new IllegalArgumentException(
          "dimensions must be positive and chunkSize not negative, got modelDim "
              + modelDim
              + ", sharedDim "
              + sharedDim
              + ", valueDim "
              + valueDim
              + ", emaModes "
              + emaModes
              + ", chunkSize "
              + chunkSize);
    }
    if (relativeBias == RelativeBias.ROTARY && sharedDim % 2 != 0) {
      throw new IllegalArgumentException(
          "a rotary bias turns pairs of channels, but sharedDim is "
              + sharedDim
              + "; make it even");
    }
    positions = chunkSize > 0 ? chunkSize : positions;
    if (relativeBias == RelativeBias.SIMPLE && positions < 1) {
      throw new IllegalArgumentException(
          "the simple bias needs a number of positions, or a chunk size; got " + positions);
    }
  }

  /** Returns the reference's defaults around four dimensions: softmax, simple bias, pre-norm. */
  public static Builder builder(int modelDim, int sharedDim, int valueDim, int emaModes) {
    return new Builder(modelDim, sharedDim, valueDim, emaModes);
  }

  /** Returns the distribution of the weights at first. */
  Initializer weights() {
    return new NormalInitializer((float) initStd);
  }

  /** Returns the norm, in front of the layer or behind it. */
  StreamingLayer newNorm() {
    return norm.create(modelDim, NormWeight.PLAIN, normEpsilon);
  }

  /** Collects the values. */
  public static final class Builder {
    private final int modelDim;
    private final int sharedDim;
    private final int valueDim;
    private final int emaModes;
    private AttentionFunction function = AttentionFunction.SOFTMAX;
    private RelativeBias relativeBias = RelativeBias.SIMPLE;
    private int positions = 1024;
    private int chunkSize;
    private NormKind norm = NormKind.LAYER;
    private boolean preNorm = true;
    private double normEpsilon = 1e-5;
    private boolean bidirectional;
    private double dropout;
    private double attentionDropout;
    private double hiddenDropout;
    private double initStd = 0.02;

    private Builder(int modelDim, int sharedDim, int valueDim, int emaModes) {
      this.modelDim = modelDim;
      this.sharedDim = sharedDim;
      this.valueDim = valueDim;
      this.emaModes = emaModes;
    }

    /** Sets how scores become weights; softmax when not set. */
    public Builder optFunction(AttentionFunction function) {
      this.function = function;
      return this;
    }

    /** Sets what is added to the scores; the simple bias when not set. */
    public Builder optRelativeBias(RelativeBias relativeBias) {
      this.relativeBias = relativeBias;
      return this;
    }

    /** Sets M; 1024 when not set. */
    public Builder optPositions(int positions) {
      this.positions = positions;
      return this;
    }

    /** Sets C; no chunks when not set. */
    public Builder optChunkSize(int chunkSize) {
      this.chunkSize = chunkSize;
      return this;
    }

    /** Sets the norm, its place and its ε; LayerNorm in front with 1e-5 when not set. */
    public Builder optNorm(NormKind norm, boolean preNorm, double normEpsilon) {
      this.norm = norm;
      this.preNorm = preNorm;
      this.normEpsilon = normEpsilon;
      return this;
    }

    /** Sets whether steps see those after them; false when not set. */
    public Builder optBidirectional(boolean bidirectional) {
      this.bidirectional = bidirectional;
      return this;
    }

    /** Sets the dropout probabilities; 0 when not set. */
    public Builder optDropout(double dropout, double attentionDropout, double hiddenDropout) {
      this.dropout = dropout;
      this.attentionDropout = attentionDropout;
      this.hiddenDropout = hiddenDropout;
      return this;
    }

    /** Sets the standard deviation of the initial weights; 0.02 when not set. */
    public Builder optInitStd(double initStd) {
      this.initStd = initStd;
      return this;
    }

    /**
     * Returns the settings.
     *
     * @throws IllegalArgumentException if values are out of range
     */
    public MegaSettings build() {
      return new MegaSettings(
          modelDim,
          sharedDim,
          valueDim,
          emaModes,
          function,
          relativeBias,
          positions,
          chunkSize,
          norm,
          preNorm,
          normEpsilon,
          bidirectional,
          dropout,
          attentionDropout,
          hiddenDropout,
          initStd);
    }
  }
}
