package org.example;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.LayerState;
import org.megalab.layer.Linear;
import org.megalab.layer.StreamingLayer;
import org.megalab.torchscript.Script;

/**
 * The gated recurrent unit (Cho et al. 2014):
 *
 * <pre>
 * z = σ(W_z x + U_z h + b_z),  r = σ(W_r x + U_r h + b_r)
 * n = tanh(W_n x + b_n + r ⊙ U_n h)
 * h ← (1 − z) ⊙ n + z ⊙ h
 * </pre>
 *
 * B batch, T length, D model dimension. Input and output are (B, T, D).
 */
final class GatedRecurrentUnit extends StreamingLayer {

  private static final Script SCRIPT =
      Script.resource(GatedRecurrentUnit.class, "gated_recurrent_unit");

  private final int modelDim;

  GatedRecurrentUnit(int modelDim) {
    this.modelDim = modelDim;
    // The script takes them in this order.
    parameter("in.weight", Linear.uniform(modelDim), 3L * modelDim, modelDim);
    parameter("hidden.weight", Linear.uniform(modelDim), 3L * modelDim, modelDim);
    parameter("bias", Initializer.ZEROS, 3L * modelDim);
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    NDList before = state == null ? new NDList() : state.arrays();
    NDList results = SCRIPT.callAll("forward", training, x, values(store, x, training), before);
    if (state == null) {
      results.get(1).close();
    } else {
      state.advance(x.getShape().get(1));
      state.replace(results.subList(1, 2));
    }
    return results.get(0);
  }

  /** {@inheritDoc} It holds h (B, D). */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.of(manager.zeros(new Shape(batch, modelDim), type));
  }
}
