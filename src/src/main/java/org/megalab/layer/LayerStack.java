package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Layers one after the other. Input and output are (B, T, D). */
public class LayerStack extends StreamingLayer {

  private final List<StreamingLayer> layers = new ArrayList<>();

  /** Appends a layer; the paths of its parameters begin with the name. */
  public final <L extends StreamingLayer> L add(String name, L layer) {
    layers.add(layer);
    return addChildBlock(name, layer);
  }

  @Override
  public final NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    NDArray h = x;
    for (int i = 0; i < layers.size(); i++) {
      LayerState inner = state == null ? null : state.inner(i);
      h = replace(h, x, layers.get(i).forward(store, h, inner, training));
    }
    return h;
  }

  @Override
  public final LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.of(
        layers.stream().map(layer -> layer.newState(manager, type, batch, capacity)).toList());
  }
}
