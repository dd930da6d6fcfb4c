package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pre-norm residual arrangement of a Transformer's layer:
 *
 * <pre>
 * y = x + mixer(N_1(x))
 * z = y + F(N_2(y))
 * </pre>
 *
 * The mixer moves information along the sequence, F works on each step. Input and output are (B, T,
 * D). The child blocks are {@code mixerNorm}, {@code mixer}, {@code feedForwardNorm} and {@code
 * feedForward}.
 */
public final class PreNormLayer extends StreamingLayer {

  private final List<StreamingLayer> parts;

  /** Creates the layer from its parts. */
  public PreNormLayer(
      StreamingLayer mixerNorm,
      StreamingLayer mixer,
      StreamingLayer feedForwardNorm,
      StreamingLayer feedForward) {
    parts =
        List.of(
            addChildBlock("mixerNorm", mixerNorm),
            addChildBlock("mixer", mixer),
            addChildBlock("feedForwardNorm", feedForwardNorm),
            addChildBlock("feedForward", feedForward));
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    try (NDArray y = branch(store, x, 0, state, training)) {
      return branch(store, y, 2, state, training);
    }
  }

  /** x plus what two parts in a row make of it. */
  private NDArray branch(
      ParameterStore store, NDArray x, int first, @Nullable LayerState state, boolean training) {
    try (NDArray u = child(store, x, first, state, training);
        NDArray v = child(store, u, first + 1, state, training)) {
      return x.add(v);
    }
  }

  private NDArray child(
      ParameterStore store, NDArray x, int i, @Nullable LayerState state, boolean training) {
    return parts.get(i).forward(store, x, state == null ? null : state.inner(i), training);
  }

  @Override
  public boolean hasUniformSteps() {
    return parts.stream().allMatch(StreamingLayer::hasUniformSteps);
  }

  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.of(
        parts.stream().map(child -> child.newState(manager, type, batch, capacity)).toList());
  }
}
