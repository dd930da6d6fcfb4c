package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Causal attention with rotary positions and grouped key and value heads, without biases (Llama 2):
 *
 * <pre>
 * q = W_q x, k = W_k x, v = W_v x         H heads of q, H_kv heads of k and v, d wide each
 * o = softmax(rope(q) rope(k)ᵀ / √d + causal mask) v
 * y = W_o o
 * </pre>
 *
 * Head h reads key and value head ⌊h · H_kv / H⌋. B batch, T length, D model dimension, d = D/H.
 * Input and output are (B, T, D). The common mistake is to load weights of one {@link RopePairing}
 * with the other.
 */
public final class CausalAttention extends StreamingLayer {

  private static final Script SCRIPT = Script.resource(CausalAttention.class, "causal_attention");

  private final int heads;
  private final int keyValueHeads;
  private final int headDim;
  private final RopePairing pairing;
  private final double base;
  private final double dropout;

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param heads H, a divisor of D
   * @param keyValueHeads H_kv, a divisor of H
   * @param pairing which channels turn together
   * @param base the base of the rotary frequencies
   * @param dropout the probability of dropping attention probabilities in training
   * @param weights the distribution of W_q, W_k and W_v at first
   * @param out the distribution of W_o at first
   */
  public CausalAttention(
      int modelDim,
      int heads,
      int keyValueHeads,
      RopePairing pairing,
      double base,
      double dropout,
      Initializer weights,
      Initializer out) {
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.headDim = modelDim / heads;
    this.pairing = pairing;
    this.base = base;
    this.dropout = dropout;
    long keyValueDim = (long) keyValueHeads * headDim;
    // The script takes them in this order.
    parameter("query.weight", weights, modelDim, modelDim);
    parameter("key.weight", weights, keyValueDim, modelDim);
    parameter("value.weight", weights, keyValueDim, modelDim);
    parameter("out.weight", out, modelDim, modelDim);
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    NDList p = values(store, x, training);
    if (state == null) {
      double drop = training ? dropout : 0;
      return SCRIPT.call(
          "forward", training, x, p, heads, keyValueHeads, pairing.halves(), base, drop);
    }
    long position = state.advance(x.getShape().get(1));
    Place place = state.place();
    if (place != null) {
      return step(x, p, state, place);
    }
    return SCRIPT.call(
        "decode",
        false,
        x,
        p,
        heads,
        keyValueHeads,
        pairing.halves(),
        base,
        state.get(0),
        state.get(1),
        position);
  }

  private NDArray step(NDArray x, NDList p, LayerState state, Place place) {
    return SCRIPT.call(
        "step",
        false,
        x,
        p,
        heads,
        keyValueHeads,
        pairing.halves(),
        state.get(0),
        state.get(1),
        place.position(),
        place.rotation(x, headDim, base, pairing, 0),
        place.mask(x, place.reach(), 0));
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  /** {@inheritDoc} It holds keys and values, each (B, H_kv, capacity, d). */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.keyValues(manager, type, batch, keyValueHeads, capacity, headDim, headDim);
  }
}
