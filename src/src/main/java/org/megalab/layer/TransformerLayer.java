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
 * Pre-norm Transformer layer with biases and a ReLU feed-forward (the layer of the framework that
 * MEGABYTE's authors used):
 *
 * <pre>
 * x ← x + W_o · softmax(q kᵀ / √d + causal mask) v + b_o,   [q; k; v] = W_qkv · LN(x) + b_qkv
 * x ← x + W_2 · relu(W_1 · LN(x) + b_1) + b_2
 * </pre>
 *
 * B batch, T length, D model dimension, H heads, d = D/H, F feed-forward dimension. Input and
 * output are (B, T, D). Dropout falls on the attention probabilities and on both residual branches.
 */
public class TransformerLayer extends StreamingLayer {

  private static final Script SCRIPT = Script.resource(TransformerLayer.class, "transformer_layer");

  final int heads;
  final int headDim;
  final boolean rotary;
  final double dropout;

  /**
   * Creates a layer.
   *
   * @param modelDim D, a multiple of the heads
   * @param heads H
   * @param feedForwardDim F
   * @param rotary whether queries and keys are rotated by their position (adjacent pairs, base
   *     10000)
   * @param dropout the probability of dropping, applied in training only
   * @param weights the initialiser of the matrices; norms start at one, biases at zero
   */
  public TransformerLayer(
      int modelDim,
      int heads,
      int feedForwardDim,
      boolean rotary,
      double dropout,
      Initializer weights) {
    this.heads = heads;
    this.headDim = modelDim / heads;
    this.rotary = rotary;
    this.dropout = dropout;
    // The script takes them in this order.
    preciseParameter("attention.norm.weight", Initializer.ONES, modelDim);
    preciseParameter("attention.norm.bias", Initializer.ZEROS, modelDim);
    parameter("attention.qkv.weight", weights, 3L * modelDim, modelDim);
    parameter("attention.qkv.bias", Initializer.ZEROS, 3L * modelDim);
    parameter("attention.out.weight", weights, modelDim, modelDim);
    parameter("attention.out.bias", Initializer.ZEROS, modelDim);
    preciseParameter("feedForward.norm.weight", Initializer.ONES, modelDim);
    preciseParameter("feedForward.norm.bias", Initializer.ZEROS, modelDim);
    parameter("feedForward.in.weight", weights, feedForwardDim, modelDim);
    parameter("feedForward.in.bias", Initializer.ZEROS, feedForwardDim);
    parameter("feedForward.out.weight", weights, modelDim, feedForwardDim);
    parameter("feedForward.out.bias", Initializer.ZEROS, modelDim);
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    NDList p = values(store, x, training);
    if (state == null) {
      return SCRIPT.call("forward", training, x, p, heads, rotary, training ? dropout : 0.0);
    }
    long position = state.advance(x.getShape().get(1));
    NDArray keys = state.get(0);
    NDArray values = state.get(1);
    Place place = state.place();
    if (place == null) {
      return SCRIPT.call("decode", false, x, p, heads, rotary, keys, values, position);
    }
    NDList turn =
        rotary ? place.rotation(x, headDim, 10000, RopePairing.ADJACENT, 0) : new NDList();
    NDArray mask = place.mask(x, place.reach(), 0);
    return SCRIPT.call("step", false, x, p, heads, keys, values, place.position(), turn, mask);
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  /** {@inheritDoc} It holds keys and values, each (B, H, capacity, d). */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.keyValues(manager, type, batch, heads, capacity, headDim, headDim);
  }
}
