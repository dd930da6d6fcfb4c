package org.megalab.layer;

import ai.djl.training.initializer.Initializer;
import java.util.function.Supplier;

/**
 * Decoder-only Transformer: a stack of {@link TransformerLayer}s and a final layer norm. Input and
 * output are (B, T, D), causal over T.
 */
public final class Transformer extends LayerStack {

  /** Creates the stack; the arguments are those of {@link TransformerLayer}, but for the depth. */
  public Transformer(
      int depth,
      int modelDim,
      int heads,
      int feedForwardDim,
      boolean rotary,
      double dropout,
      Initializer weights) {
    this(
        depth,
        modelDim,
        () -> new TransformerLayer(modelDim, heads, feedForwardDim, rotary, dropout, weights));
  }

  /**
   * Creates a stack of layers of one kind.
   *
   * @param depth the number of layers
   * @param modelDim D
   * @param layer creates one layer
   */
  public Transformer(int depth, int modelDim, Supplier<? extends TransformerLayer> layer) {
    for (int i = 0; i < depth; i++) {
      add("layers." + i, layer.get());
    }
    add("norm", new LayerNorm(modelDim, NormWeight.PLAIN, 1e-5));
  }
}
