package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer of MEGA (Ma et al. 2022, section 3.3): gated attention, then a feed-forward with an
 * ordinary residual and the same kind of norm in the same place.
 *
 * <pre>
 * y = MegaAttention(x)
 * z = y + W_2 silu(W_1 norm(y) + b_1) + b_2          post-norm: norm(y + …)
 * </pre>
 *
 * Input and output are (B, T, D). The child blocks are {@code attention} and {@code feedForward}.
 */
public final class MegaLayer extends StreamingLayer implements Encoder {

  private final MegaAttention attention;
  private final ResidualLayer feedForward;

  /**
   * Creates the layer.
   *
   * @param settings of the attention; their dropouts hold for the feed-forward too
   * @param feedForwardDim F
   */
  public MegaLayer(MegaSettings settings, int feedForwardDim) {
    attention = addChildBlock("attention", new MegaAttention(settings));
    feedForward =
        addChildBlock(
            "feedForward",
            new ResidualLayer(
                settings.newNorm(),
                new FeedForward(
                    settings.modelDim(),
                    feedForwardDim,
                    FeedForward.Activation.SILU,
                    true,
                    settings.hiddenDropout(),
                    settings.dropout(),
                    settings.weights(),
                    settings.weights()),
                settings.preNorm()));
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    LayerState inner = state == null ? null : state.inner(0);
    try (NDArray y = attention.forward(store, x, inner, training)) {
      return feedForward.forward(store, y, null, training);
    }
  }

  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    try (NDArray y = attention.encode(store, x, padding, training)) {
      return feedForward.forward(store, y, null, training);
    }
  }

  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.of(List.of(attention.newState(manager, type, batch, capacity)));
  }
}
