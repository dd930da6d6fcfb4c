package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Cross-attention of latents to a prefix, and causally to each other (Perceiver AR, Hawthorne et
 * al. 2022, section 3; community form):
 *
 * <pre>
 * ẑ = LN_z(z), ĉ = LN_c(prefix)            two norms
 * q = W_q ẑ;  [k; v] = W_kv [ĉ; ẑ]         no biases, unless asked for
 * y = W_o softmax(rope(q) rope(k)ᵀ / √d + mask) v + b_o
 * </pre>
 *
 * Latent i sees the whole prefix and the latents up to itself. Only the first d_r channels of a
 * head turn, channel i with i + d_r/2. B batch, n latents, c prefix length, C model dimension, H
 * heads, d head dimension. Input and output are (B, n, C). The common mistake is one norm for
 * prefix and latents.
 */
public final class PerceiverCrossAttention extends StreamingLayer {

  private static final Script SCRIPT =
      Script.resource(PerceiverCrossAttention.class, "perceiver_cross_attention");

  private final PerceiverArStack.Options options;

  /** Creates the layer. */
  public PerceiverCrossAttention(PerceiverArStack.Options options) {
    this.options = options;
    int dim = options.modelDim();
    long inner = (long) options.heads() * options.headDim();
    // The script takes them in this order.
    preciseParameter("norm.weight", Initializer.ONES, dim);
    preciseParameter("norm.bias", Initializer.ZEROS, dim);
    preciseParameter("contextNorm.weight", Initializer.ONES, dim);
    preciseParameter("contextNorm.bias", Initializer.ZEROS, dim);
    parameter("query.weight", options.weights(), inner, dim);
    parameter("keyValue.weight", options.weights(), 2 * inner, dim);
    parameter("out.weight", options.weights(), dim, inner);
    parameter("out.bias", Initializer.ZEROS, dim);
    if (options.biases()) {
      parameter("query.bias", Initializer.ZEROS, inner);
      parameter("keyValue.bias", Initializer.ZEROS, 2 * inner);
    }
  }

  /**
   * {@inheritDoc} With a state these are the next latents of the block that {@link #begin} began;
   * without one there is no prefix.
   */
  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    if (state == null) {
      try (NDArray none = x.get(":, :0")) {
        return window(store, x, none, training);
      }
    }
    long position = state.advance(x.getShape().get(1));
    return SCRIPT.call(
        "decode",
        false,
        x,
        values(store, x, training),
        options.heads(),
        options.rotaryDim(),
        state.get(0),
        state.get(1),
        position);
  }

  /**
   * Runs the layer over all latents of a block.
   *
   * @param store where the parameters come from
   * @param latents (B, n, C)
   * @param prefix (B, c, C), c may be 0
   * @param training whether dropout applies and the result takes part in autograd
   * @return (B, n, C)
   */
  NDArray window(ParameterStore store, NDArray latents, NDArray prefix, boolean training) {
    return SCRIPT.call(
        "window",
        training,
        latents,
        prefix,
        values(store, latents, training),
        options.heads(),
        options.rotaryDim(),
        training ? options.dropout() : 0.0,
        training ? options.prefixDropout() : 0.0);
  }

  /** Begins a block of latents after a prefix (B, c, C). */
  void begin(ParameterStore store, NDArray prefix, LayerState state) {
    state.clear();
    state.advance(prefix.getShape().get(1));
    SCRIPT
        .call(
            "begin",
            false,
            prefix,
            values(store, prefix, false),
            options.heads(),
            options.rotaryDim(),
            state.get(0),
            state.get(1))
        .close();
  }

  /**
   * {@inheritDoc} It holds keys and values of the prefix and the latents, each (B, H, c + n, d).
   */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    int dim = options.headDim();
    int window = options.prefix() + options.latents();
    return LayerState.keyValues(manager, type, batch, options.heads(), window, dim, dim);
  }
}
