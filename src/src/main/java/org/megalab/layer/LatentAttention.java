package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Causal self-attention of a Perceiver AR's latents (community form):
 *
 * <pre>
 * [q; k; v] = W_qkv z                      no biases, unless asked for
 * y = W_o softmax(rope(q) rope(k)ᵀ / √d + causal mask) v
 * </pre>
 *
 * Only the first d_r channels of a head turn, channel i with i + d_r/2. There is no dropout. B
 * batch, n latents, C model dimension, H heads, d head dimension; H·d may differ from C. Input and
 * output are (B, n, C).
 */
public final class LatentAttention extends StreamingLayer {

  private static final Script SCRIPT = Script.resource(LatentAttention.class, "latent_attention");

  private final PerceiverArStack.Options options;

  /** Creates the layer. */
  public LatentAttention(PerceiverArStack.Options options) {
    this.options = options;
    long inner = (long) options.heads() * options.headDim();
    // The script takes them in this order.
    parameter("qkv.weight", options.weights(), 3 * inner, options.modelDim());
    parameter("out.weight", options.weights(), options.modelDim(), inner);
    if (options.biases()) {
      parameter("qkv.bias", Initializer.ZEROS, 3 * inner);
      parameter("out.bias", Initializer.ZEROS, options.modelDim());
    }
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    int heads = options.heads();
    int dims = options.rotaryDim();
    if (state == null) {
      return SCRIPT.call("forward", training, x, values(store, x, training), heads, dims);
    }
    long position = state.advance(x.getShape().get(1));
    return SCRIPT.call(
        "decode",
        false,
        x,
        values(store, x, training),
        heads,
        dims,
        state.get(0),
        state.get(1),
        position);
  }

  /** {@inheritDoc} It holds keys and values of one block of latents, each (B, H, n, d). */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    int dim = options.headDim();
    return LayerState.keyValues(manager, type, batch, options.heads(), options.latents(), dim, dim);
  }
}
