package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Attention by relative positions with a memory (Transformer-XL, Dai et al. 2019, sections 3.2 and
 * 3.3):
 *
 * <pre>
 * h̃    = [SG(memory); h]                      SG stops the gradient
 * q    = W_q h,  k = W_k h̃,  v = W_v h̃        no biases
 * r_Δ  = W_r [sin(Δ f); cos(Δ f)]             f_i = 10000^(−2i/D), all sines before all cosines
 * s_ij = ((q_i + u)ᵀ k_j + (q_i + v)ᵀ r_Δ) / √d,   Δ = position of i − position of j ≥ 0
 * y    = W_o softmax(s) v
 * </pre>
 *
 * A sequence is cut in segments of Q steps. A step sees the steps of its segment up to itself, and
 * as memory the last M inputs of this layer before the segment; no gradient flows into those. So
 * what a step sees depends on its place in its segment, and streaming keeps the same borders
 * however the steps are fed.
 *
 * <p>B batch, T length, Q segment length, M memory length, D model dimension, H heads, d head
 * dimension. Input and output are (B, T, D). u and v belong to all layers of a model and to no
 * single one; whoever creates the layers holds them. The common mistakes are to exchange u
 * (content) and v (position), and to interleave sines and cosines.
 */
public final class RelativeAttention extends StreamingLayer {

  private static final Script SCRIPT =
      Script.resource(RelativeAttention.class, "relative_attention");

  /**
   * What a step may see. None of it changes the parameters, so that a model can be evaluated with
   * other values than it was trained with.
   *
   * @param length Q, the steps of a segment
   * @param memory M, the steps before the segment that are seen too
   * @param clamp the distance at which all larger ones are taken to be; 0 for no limit
   * @param sameLength whether every step sees just the last M steps, itself included, however far
   *     into its segment it is
   */
  public record Segments(int length, int memory, int clamp, boolean sameLength) {

    /** The number of steps that are seen; 0 for no limit but the memory. */
    int window() {
      return sameLength ? memory : 0;
    }
  }

  private final int modelDim;
  private final int heads;
  private final Segments segments;
  private final double dropout;
  private final double attentionDropout;
  private final Parameter contentBias;
  private final Parameter positionBias;

  /**
   * Creates the layer.
   *
   * @param modelDim D, even
   * @param heads H
   * @param headDim d
   * @param segments what a step may see
   * @param preNorm whether the inputs, memory included, are normalised first
   * @param dropout the probability of dropping position vectors and results in training
   * @param attentionDropout the probability of dropping attention probabilities in training
   * @param contentBias u (H, d), held by another block
   * @param positionBias v (H, d), held by another block
   * @param weights the distribution of the matrices at first
   * @param gain the distribution of the norm's weight at first
   */
  public RelativeAttention(
      int modelDim,
      int heads,
      int headDim,
      Segments segments,
      boolean preNorm,
      double dropout,
      double attentionDropout,
      Parameter contentBias,
      Parameter positionBias,
      Initializer weights,
      Initializer gain) {
    this.modelDim = modelDim;
    this.heads = heads;
    this.segments = segments;
    this.dropout = dropout;
    this.attentionDropout = attentionDropout;
    this.contentBias = contentBias;
    this.positionBias = positionBias;
    long inner = (long) heads * headDim;
    // The script takes them in this order.
    parameter("qkv.weight", weights, 3 * inner, modelDim);
    parameter("position.weight", weights, inner, modelDim);
    parameter("out.weight", weights, modelDim, inner);
    if (preNorm) {
      parameter("norm.weight", gain, modelDim);
      parameter("norm.bias", Initializer.ZEROS, modelDim);
    }
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    long position = state == null ? 0 : state.advance(x.getShape().get(1));
    NDArray y =
        SCRIPT.call(
            "forward",
            training,
            x,
            state == null ? new NDList() : state.arrays(),
            position,
            segments.length(),
            segments.memory(),
            values(store, x, training),
            biases(store, x, training),
            heads,
            segments.clamp(),
            segments.window(),
            training ? dropout : 0.0,
            training ? attentionDropout : 0.0);
    if (state != null) {
      state.replace(SCRIPT.callAll("remember", training, x, state.get(0), state.get(1)));
    }
    return y;
  }

  /**
   * Runs the layer over one segment with the memory given. Gradients flow into the memory as into
   * any input: to stop them is the business of whoever keeps it.
   *
   * @param store where the parameters come from
   * @param x (B, Q, D), of any length
   * @param memory (B, M, D), of any length, 0 included
   * @param training whether dropout applies and the result takes part in autograd
   * @return (B, Q, D)
   */
  public NDArray segment(ParameterStore store, NDArray x, NDArray memory, boolean training) {
    return SCRIPT.call(
        "segment",
        training,
        x,
        memory,
        values(store, x, training),
        biases(store, x, training),
        heads,
        segments.clamp(),
        segments.window(),
        training ? dropout : 0.0,
        training ? attentionDropout : 0.0);
  }

  private NDList biases(ParameterStore store, NDArray like, boolean training) {
    return new NDList(
        value(store, contentBias, like, training), value(store, positionBias, like, training));
  }

  /**
   * {@inheritDoc} It holds the last M + Q − 1 inputs, (B, M + Q − 1, D), zeros before the first,
   * and the number of steps so far (B), which says how many of them are none. As in the reference
   * it is inputs that are kept, not keys and values: their projections are computed again.
   */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    int kept = segments.memory() + segments.length() - 1;
    return LayerState.of(
        manager.zeros(new Shape(batch, kept, modelDim), type),
        manager.zeros(new Shape(batch), DataType.INT64));
  }
}
