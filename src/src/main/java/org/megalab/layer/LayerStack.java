package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layers one after the other. Input and output are (B, T, D). In training their activations are
 * computed again in the backward pass where {@link org.megalab.torchscript.Autograd} says so.
 */
public class LayerStack extends StreamingLayer {

  private final List<StreamingLayer> layers = new ArrayList<>();

  /** Appends a layer; the paths of its parameters begin with the name. */
  public final <L extends StreamingLayer> L add(String name, L layer) {
    layers.add(layer);
    return addChildBlock(name, layer);
  }

  @Override
  public final boolean hasUniformSteps() {
    return layers.stream().allMatch(StreamingLayer::hasUniformSteps);
  }

  /** Returns a layer by its place. */
  public final StreamingLayer get(int index) {
    return layers.get(index);
  }

  @Override
  public final NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    return Segments.run(
        layers, x, state, training, (layer, h, inner) -> layer.forward(store, h, inner, training));
  }

  /**
   * Returns what each layer makes of whole sequences x (B, T, D), the first layer's first, for
   * looking at.
   */
  public final NDList activations(ParameterStore store, NDArray x) {
    NDList activations = new NDList();
    NDArray h = x;
    for (StreamingLayer layer : layers) {
      h = layer.forward(store, h, null, false);
      activations.add(h);
    }
    return activations;
  }

  @Override
  public final LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.of(
        layers.stream().map(layer -> layer.newState(manager, type, batch, capacity)).toList());
  }
}
