package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A stack of {@link TokenShiftLayer}s and a final RMS norm, as in every stage of the community
 * MEGABYTE. Input and output are (B, T, D), causal over T.
 */
public final class TokenShiftTransformer extends SequenceLayer {

  private final List<TokenShiftLayer> layers = new ArrayList<>();
  private final int headDim;
  private final Parameter gain;

  /**
   * Creates the stack.
   *
   * @param depth the number of layers
   * @param modelDim D
   * @param headDim d
   * @param layer creates one layer
   */
  public TokenShiftTransformer(
      int depth, int modelDim, int headDim, Supplier<TokenShiftLayer> layer) {
    this.headDim = headDim;
    for (int i = 0; i < depth; i++) {
      layers.add(addChildBlock("layers." + i, layer.get()));
    }
    gain = parameter("norm.gain", Initializer.ONES, modelDim);
  }

  @Override
  public NDArray forward(ParameterStore store, NDArray x, boolean training) {
    NDArray h = x;
    for (TokenShiftLayer layer : layers) {
      h = replace(h, x, layer.forward(store, h, training));
    }
    return replace(h, x, norm(store, h, training));
  }

  /** Runs the next position (B, 1, D) of sequences whose past is in the states. */
  public NDArray decode(ParameterStore store, NDArray x, List<TokenShiftLayer.State> states) {
    NDArray h = x;
    for (int i = 0; i < layers.size(); i++) {
      h = replace(h, x, layers.get(i).decode(store, h, states.get(i)));
    }
    return replace(h, x, norm(store, h, false));
  }

  /** Allocates one state a layer. */
  public List<TokenShiftLayer.State> newStates(
      NDManager manager, DataType type, int batch, int capacity) {
    return layers.stream()
        .map(layer -> layer.newState(manager, type, batch, headDim, capacity))
        .toList();
  }

  private NDArray norm(ParameterStore store, NDArray x, boolean training) {
    return TokenShiftLayer.norm(x, value(store, gain, x, training), training);
  }
}
