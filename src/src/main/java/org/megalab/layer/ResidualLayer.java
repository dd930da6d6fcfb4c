package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One branch F beside the residual stream, with a norm N before or after:
 *
 * <pre>
 * y = x + F(N(x))        pre-norm
 * y = N(x + F(x))        post-norm
 * </pre>
 *
 * Input and output are (B, T, D). The child blocks are {@code norm} and {@code branch}. It reads in
 * both directions where the branch does.
 */
public final class ResidualLayer extends StreamingLayer implements Encoder {

  private final StreamingLayer norm;
  private final StreamingLayer branch;
  private final boolean preNorm;

  /** Creates the layer from its parts. */
  public ResidualLayer(StreamingLayer norm, StreamingLayer branch, boolean preNorm) {
    this.norm = addChildBlock("norm", norm);
    this.branch = addChildBlock("branch", branch);
    this.preNorm = preNorm;
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    LayerState inner = state == null ? null : state.inner(0);
    return run(store, x, training, u -> branch.forward(store, u, inner, training));
  }

  /** {@inheritDoc} A branch whose steps do not see each other serves both ways. */
  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    return run(
        store,
        x,
        training,
        u ->
            branch instanceof Encoder encoder
                ? encoder.encode(store, u, padding, training)
                : branch.forward(store, u, null, training));
  }

  private NDArray run(
      ParameterStore store, NDArray x, boolean training, UnaryOperator<NDArray> branch) {
    if (preNorm) {
      try (NDArray u = norm.forward(store, x, null, training);
          NDArray v = branch.apply(u)) {
        return x.add(v);
      }
    }
    try (NDArray v = branch.apply(x);
        NDArray y = x.add(v)) {
      return norm.forward(store, y, null, training);
    }
  }

  @Override
  public boolean hasUniformSteps() {
    return branch.hasUniformSteps();
  }

  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.of(List.of(branch.newState(manager, type, batch, capacity)));
  }
}
