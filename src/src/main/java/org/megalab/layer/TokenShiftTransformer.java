package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stack of {@link TokenShiftLayer}s and a final RMS norm, as in every stage of the community
 * MEGABYTE. Input and output are (B, T, D), causal over T.
 */
public final class TokenShiftTransformer extends LayerStack {

  /**
   * Creates the stack.
   *
   * @param depth the number of layers
   * @param modelDim D
   * @param layer creates one layer
   */
  public TokenShiftTransformer(int depth, int modelDim, Supplier<TokenShiftLayer> layer) {
    for (int i = 0; i < depth; i++) {
      add("layers." + i, layer.get());
    }
    add("norm", new Norm(modelDim));
  }

  /** x / max(‖x‖ / √D, 1e-8) · g: here 1e-8 is a lower bound of the root, not a term under it. */
  private static final class Norm extends StreamingLayer {

    private final Parameter gain;

    Norm(int modelDim) {
      gain = preciseParameter("gain", Initializer.ONES, modelDim);
    }

    @Override
    public NDArray forward(
        ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
      return TokenShiftLayer.norm(x, value(store, gain, x, training), training);
    }

    @Override
    public boolean hasUniformSteps() {
      return true;
    }
  }
}
