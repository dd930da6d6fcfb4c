package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;

/**
 * The layer through which a Perceiver AR's latents read the prefix:
 *
 * <pre>
 * y = z + crossAttention(z, prefix)        {@link PerceiverCrossAttention}, which has the norms
 * w = y + F(LN(y))
 * </pre>
 *
 * Input and output are (B, n, C).
 */
final class PerceiverCrossLayer extends StreamingLayer {

  private final PerceiverCrossAttention attention;
  private final LayerNorm feedForwardNorm;
  private final FeedForward feedForward;

  PerceiverCrossLayer(PerceiverArStack.Options options) {
    attention = addChildBlock("attention", new PerceiverCrossAttention(options));
    feedForwardNorm = addChildBlock("feedForwardNorm", options.norm());
    feedForward = addChildBlock("feedForward", options.feedForward());
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    return residual(store, x, attention.forward(store, x, state, training), training);
  }

  /** See {@link PerceiverCrossAttention#window}. */
  NDArray window(ParameterStore store, NDArray latents, NDArray prefix, boolean training) {
    NDArray attended = attention.window(store, latents, prefix, training);
    return residual(store, latents, attended, training);
  }

  /** See {@link PerceiverCrossAttention#begin}. */
  void begin(ParameterStore store, NDArray prefix, LayerState state) {
    attention.begin(store, prefix, state);
  }

  private NDArray residual(ParameterStore store, NDArray z, NDArray attended, boolean training) {
    try (attended;
        NDArray y = z.add(attended);
        NDArray u = feedForwardNorm.forward(store, y, training);
        NDArray f = feedForward.forward(store, u, training)) {
      return y.add(f);
    }
  }

  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return attention.newState(manager, type, batch, capacity);
  }
}
