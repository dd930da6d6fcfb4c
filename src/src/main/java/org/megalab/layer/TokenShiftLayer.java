package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Script;

/**
 * Transformer layer of the community MEGABYTE:
 *
 * <pre>
 * shift(x)_t = [x_t first half; x_t-1 second half]           zeros before the first step
 * norm(x)    = x / max(‖x‖ / √D, 1e-8) · g                   one gain g for each of the two uses
 * x ← x + W_o · softmax(q kᵀ / √d + causal mask) v           q, k, v from norm(shift(x)), no biases
 * x ← x + W_2 · gelu(W_1 · norm(shift(x)) + b_1) + b_2       gelu with erf, not tanh
 * </pre>
 *
 * B batch, T length, D model dimension, H heads, d head dimension (H·d may differ from D). Input
 * and output are (B, T, D).
 *
 * <p>In training on a GPU whole sequences go through one function with its gradient written out,
 * {@link org.megalab.torchscript.Autograd#apply}: where something else reads x too, {@link
 * org.megalab.torchscript.Autograd#cut} it first.
 */
public final class TokenShiftLayer extends StreamingLayer {

  private static final Script SCRIPT = Script.resource(TokenShiftLayer.class, "token_shift_layer");

  private static final Script ROTARY = Script.resource(TokenShiftLayer.class, "rotary");

  private static final Script BLOCK = Script.resource(TokenShiftLayer.class, "token_shift_block");

  private final int modelDim;
  private final int heads;
  private final int headDim;
  private final boolean rotary;
  private final double attentionDropout;
  private final double feedForwardDropout;

  /**
   * Creates a layer.
   *
   * @param modelDim D
   * @param heads H
   * @param headDim d
   * @param feedForwardDim the width of the feed-forward
   * @param rotary whether queries and keys are rotated (half-split pairs, base 10000)
   * @param attentionDropout the probability of dropping attention probabilities in training
   * @param feedForwardDropout the probability of dropping hidden values in training
   */
  public TokenShiftLayer(
      int modelDim,
      int heads,
      int headDim,
      int feedForwardDim,
      boolean rotary,
      double attentionDropout,
      double feedForwardDropout) {
    this.modelDim = modelDim;
    this.heads = heads;
    this.headDim = headDim;
    this.rotary = rotary;
    this.attentionDropout = attentionDropout;
    this.feedForwardDropout = feedForwardDropout;
    long inner = (long) heads * headDim;
    // The script takes them in this order.
    preciseParameter("attention.norm.gain", Initializer.ONES, modelDim);
    parameter("attention.query.weight", Linear.uniform(modelDim), inner, modelDim);
    parameter("attention.keyValue.weight", Linear.uniform(modelDim), 2 * inner, modelDim);
    parameter("attention.out.weight", Linear.uniform(inner), modelDim, inner);
    preciseParameter("feedForward.norm.gain", Initializer.ONES, modelDim);
    parameter("feedForward.in.weight", Linear.uniform(modelDim), feedForwardDim, modelDim);
    parameter("feedForward.in.bias", Linear.uniform(modelDim), feedForwardDim);
    parameter("feedForward.out.weight", Linear.uniform(feedForwardDim), modelDim, feedForwardDim);
    parameter("feedForward.out.bias", Linear.uniform(feedForwardDim), modelDim);
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    Autograd autograd = ownSegment(x, state, training);
    if (autograd != null) {
      return whole(store, x, autograd);
    }
    NDList p = values(store, x, training);
    if (state == null) {
      double attention = training ? attentionDropout : 0;
      double feedForward = training ? feedForwardDropout : 0;
      return SCRIPT.call("forward", training, x, p, heads, rotary, attention, feedForward);
    }
    long position = state.advance(x.getShape().get(1));
    NDArray keys = state.get(0);
    NDArray values = state.get(1);
    NDList last = new NDList(state.get(2), state.get(3));
    Place place = state.place();
    if (place == null) {
      return SCRIPT.call("decode", false, x, p, heads, rotary, keys, values, last, position);
    }
    NDList turn =
        rotary ? place.rotation(x, headDim, 10000, RopePairing.HALF_SPLIT, 0) : new NDList();
    NDArray mask = place.mask(x, place.reach(), 0);
    return SCRIPT.call(
        "step", false, x, p, heads, keys, values, last, place.position(), turn, mask);
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  /** {@inheritDoc} On a GPU that is so for whole sequences, where nothing is dropped. */
  @Override
  boolean writesGradient(NDArray x, @Nullable LayerState state) {
    return state == null
        && attentionDropout == 0
        && feedForwardDropout == 0
        && x.getDevice().isGpu();
  }

  /** Runs the layer as one function with its gradient written out, in training. */
  NDArray whole(ParameterStore store, NDArray x, Autograd autograd) {
    return autograd.apply(
        new Autograd.Differentiable() {
          @Override
          public NDList forward(NDArray x) {
            NDList p = values(store, x, true);
            return BLOCK.callAll("forward", true, x, p, heads, tables(x, autograd));
          }

          @Override
          public List<@Nullable NDArray> gradients(NDArray x, NDList saved, NDArray gradient) {
            NDList p = values(store, x, true);
            NDList turn = tables(x, autograd);
            return List.copyOf(BLOCK.callAll("gradient", true, gradient, p, saved, heads, turn));
          }
        },
        x,
        leaves());
  }

  /** Cosines and sines of the positions of x (B, T, D), for all layers of the step. */
  private NDList tables(NDArray x, Autograd autograd) {
    long length = x.getShape().get(1);
    return rotary
        ? autograd.share(
            List.of("rotary", length, headDim, x.getDataType()),
            () -> ROTARY.callAll("tables", true, x, length, headDim, 10000.0))
        : new NDList();
  }

  /**
   * {@inheritDoc} It holds keys and values, each (B, H, capacity, d), and the moving halves (B, 1,
   * D/2) of the step before, at the attention and at the feed-forward.
   */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    Shape half = new Shape(batch, 1, modelDim / 2);
    return LayerState.keyValues(
        manager,
        type,
        batch,
        heads,
        capacity,
        headDim,
        headDim,
        manager.zeros(half, type),
        manager.zeros(half, type));
  }

  static NDArray norm(NDArray x, NDArray gain, boolean training) {
    return SCRIPT.call("rms_norm", training, x, gain);
  }
}
