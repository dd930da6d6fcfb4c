package org.megalab.model;

import ai.djl.training.initializer.Initializer;
import org.megalab.json.ConfigException;
import org.megalab.layer.PatchTransformerLayer;
import org.megalab.layer.Transformer;

/**
 * Width and depth of one Transformer.
 *
 * @param modelDim D, the width
 * @param layers L, the depth
 * @param heads H; the head dimension is D/H
 * @param feedForwardMultiple the feed-forward width in multiples of D
 */
public record TransformerSize(int modelDim, int layers, int heads, int feedForwardMultiple) {

  /**
   * Checks the sizes.
   *
   * @throws ConfigException if one is not positive or the heads do not divide the width
   */
  public TransformerSize {
    ConfigChecks.positive("modelDim", modelDim);
    ConfigChecks.layers("layers", layers);
    ConfigChecks.divides("heads", heads, "modelDim", modelDim);
    ConfigChecks.positive("feedForwardMultiple", feedForwardMultiple);
    ConfigChecks.product("feedForwardMultiple * modelDim", feedForwardMultiple, modelDim);
  }

  /** Returns a size with the usual feed-forward of four times the width. */
  public static TransformerSize of(int modelDim, int layers, int heads) {
    return new TransformerSize(modelDim, layers, heads, 4);
  }

  /** Returns d = D/H. */
  public int headDim() {
    return modelDim / heads;
  }

  /** Returns the feed-forward width. */
  public int feedForwardDim() {
    return modelDim * feedForwardMultiple;
  }

  /** Creates a Transformer of this size, without memory for its parameters yet. */
  Transformer transformer(boolean rotary, double dropout, Initializer weights) {
    return new Transformer(layers, modelDim, heads, feedForwardDim(), rotary, dropout, weights);
  }

  /** Creates a Transformer of this size whose attention stays within patches, but for a reach. */
  Transformer patchTransformer(
      int patch, int reach, boolean rotary, double dropout, Initializer weights) {
    return new Transformer(
        layers,
        modelDim,
        () ->
            new PatchTransformerLayer(
                patch, reach, modelDim, heads, feedForwardDim(), rotary, dropout, weights));
  }

  /** Returns a builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .setModelDim(modelDim)
        .setLayers(layers)
        .setHeads(heads)
        .optFeedForwardMultiple(feedForwardMultiple);
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the sizes. */
  public static final class Builder {
    private int modelDim;
    private int layers;
    private int heads;
    private int feedForwardMultiple = 4;

    private Builder() {}

    /** Sets D, the width. */
    public Builder setModelDim(int modelDim) {
      this.modelDim = modelDim;
      return this;
    }

    /** Sets L, the depth. */
    public Builder setLayers(int layers) {
      this.layers = layers;
      return this;
    }

    /** Sets H, a divisor of the width. */
    public Builder setHeads(int heads) {
      this.heads = heads;
      return this;
    }

    /** Sets the feed-forward width in multiples of the width; 4 when not set. */
    public Builder optFeedForwardMultiple(int feedForwardMultiple) {
      this.feedForwardMultiple = feedForwardMultiple;
      return this;
    }

    /**
     * Returns the size.
     *
     * @throws ConfigException if one is missing or they contradict each other
     */
    public TransformerSize build() {
      return new TransformerSize(modelDim, layers, heads, feedForwardMultiple);
    }
  }
}
