package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * MEGALODON's normalised, gated attention in chunks (Ma et al. 2024, sections 3.3 and 3.5). It
 * reads two sequences: n, the normalised input, and m, what the moving average made of it.
 *
 * <pre>
 * z = W_z m + b_z,  ẑ = z / rms(z) for each head                  one vector for queries and keys
 * q = ẑ ⊙ (gamma_q + 1) / √z + beta_q,  k = ẑ ⊙ (gamma_k + 1) / √z + beta_k
 * v = silu(W_v n + b_v),  r = silu(W_r m + b_r)
 * o = softmax(rope(q) rope(k)ᵀ + mask) v                          without a further scale
 * y = W_h1 m + b_h1 + W_h2 (o ⊙ r)
 * </pre>
 *
 * A step sees the steps before it in its chunk of c steps, and rotary positions count from the
 * chunk's beginning. B batch, T length, D model dimension, H heads, Z shared query and key width (z
 * = Z/H a head), E value width.
 *
 * <p>The common mistakes: a further 1/√z on the scores; v from m; a silu on z.
 */
public final class NormalizedAttention extends Layer {

  private static final Script SCRIPT =
      Script.resource(NormalizedAttention.class, "normalized_attention");

  private final Options options;
  private final int keyDim;
  private final int valueDim;

  /** How attention weights are dropped in training. */
  public enum AttentionDropout {
    /** The probabilities are dropped, and the rest scaled up. */
    POST_SOFTMAX,
    /** Scores are left out before the softmax, without scaling (DropKey). */
    DROP_KEY
  }

  /**
   * How the attention behaves.
   *
   * @param heads H, a divisor of Z and E
   * @param chunkSize c, the steps of a chunk
   * @param ropeBase the base of the rotary frequencies
   * @param normalized whether z is normalised; if not, q = z ⊙ (gamma + 1) + beta and the scores
   *     are divided by √z, as in an ordinary attention
   * @param normEpsilon ε of that norm
   * @param attentionDropout the probability of dropping attention weights in training
   * @param kind how they are dropped
   * @param hiddenDropout the probability of dropping o ⊙ r in training
   * @param dropout the probability of dropping y in training
   */
  public record Options(
      int heads,
      int chunkSize,
      double ropeBase,
      boolean normalized,
      double normEpsilon,
      double attentionDropout,
      AttentionDropout kind,
      double hiddenDropout,
      double dropout) {}

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param sharedDim Z
   * @param valueDim E
   * @param options how it behaves
   * @param weights the distributions of the matrices by their number of inputs
   */
  public NormalizedAttention(
      int modelDim, int sharedDim, int valueDim, Options options, FanIn weights) {
    this.options = options;
    keyDim = sharedDim / options.heads();
    this.valueDim = valueDim / options.heads();
    // The script takes them in this order.
    parameter("shared.weight", weights.of(sharedDim, modelDim), sharedDim, modelDim);
    parameter("shared.bias", Initializer.ZEROS, sharedDim);
    parameter("value.weight", weights.of(valueDim, modelDim), valueDim, modelDim);
    parameter("value.bias", Initializer.ZEROS, valueDim);
    parameter("gate.weight", weights.of(valueDim, modelDim), valueDim, modelDim);
    parameter("gate.bias", Initializer.ZEROS, valueDim);
    parameter("skip.weight", weights.of(modelDim, modelDim), modelDim, modelDim);
    parameter("skip.bias", Initializer.ZEROS, modelDim);
    parameter("out.weight", weights.of(modelDim, valueDim), modelDim, valueDim);
    preciseParameter("gamma", Initializer.ZEROS, 2, sharedDim);
    preciseParameter("beta", Initializer.ZEROS, 2, sharedDim);
  }

  Options options() {
    return options;
  }

  int keyDim() {
    return keyDim;
  }

  /** Whether it is normalised, and drops nothing. */
  boolean isPlain() {
    return options.normalized()
        && options.attentionDropout() == 0
        && options.hiddenDropout() == 0
        && options.dropout() == 0;
  }

  /** The distribution of a matrix at first, by its shape. */
  @FunctionalInterface
  public interface FanIn {
    /** Returns the distribution of a matrix (outputs, inputs). */
    Initializer of(long outputs, long inputs);
  }

  /**
   * Runs the layer over the next steps.
   *
   * @param store where the parameters come from
   * @param m what the moving average made of the input (B, T, D)
   * @param n the normalised input (B, T, D)
   * @param state the keys and values of the chunk under way; null at the beginning
   * @param training whether dropout applies and the result takes part in autograd
   * @return y (B, T, D)
   */
  public NDArray forward(
      ParameterStore store, NDArray m, NDArray n, @Nullable LayerState state, boolean training) {
    NDList p = values(store, m, training);
    if (state == null) {
      return call("forward", m, n, p, training).get(0);
    }
    long first = state.advance(m.getShape().get(1)) % options.chunkSize();
    Place place = state.place();
    if (place != null) {
      return step(m, n, p, state, place);
    }
    NDList results = call("decode", m, n, p, training, state.get(0), state.get(1), first, training);
    if (training) {
      state.replace(results.subList(1, 3));
    }
    return results.get(0);
  }

  private NDArray step(NDArray m, NDArray n, NDList p, LayerState state, Place place) {
    int chunk = options.chunkSize();
    return SCRIPT.call(
        "step",
        false,
        m,
        n,
        p,
        options.heads(),
        chunk,
        options.normalized(),
        options.normEpsilon(),
        state.get(0),
        state.get(1),
        place.position(),
        place.rotation(m, keyDim, options.ropeBase(), RopePairing.ADJACENT, chunk),
        place.mask(m, Math.min(place.reach(), chunk), chunk));
  }

  /**
   * Runs the layer over whole sequences in both directions: a step sees all steps of its chunk that
   * are not padding.
   */
  public NDArray encode(
      ParameterStore store, NDArray m, NDArray n, @Nullable NDArray padding, boolean training) {
    NDList mask = padding == null ? new NDList() : new NDList(padding);
    return call("encode", m, n, values(store, m, training), training, mask).get(0);
  }

  /**
   * Returns the attention weights of whole sequences, for looking at: row i of a head holds what
   * step i takes from the values of each step. Rows sum to 1; outside of the step's chunk and after
   * the step they are 0.
   *
   * @param store where the parameters come from
   * @param m what the moving average made of the input (B, T, D)
   * @return (B, H, T, T)
   */
  public NDArray probabilities(ParameterStore store, NDArray m) {
    return SCRIPT.call(
        "probabilities",
        false,
        m,
        values(store, m, false),
        options.heads(),
        options.chunkSize(),
        options.ropeBase(),
        options.normalized(),
        options.normEpsilon());
  }

  private NDList call(
      String function, NDArray m, NDArray n, NDList p, boolean training, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                m,
                n,
                p,
                options.heads(),
                options.chunkSize(),
                options.ropeBase(),
                options.normalized(),
                options.normEpsilon(),
                training ? options.attentionDropout() : 0.0,
                options.kind() == AttentionDropout.DROP_KEY,
                training ? options.hiddenDropout() : 0.0,
                training ? options.dropout() : 0.0));
    arguments.addAll(Arrays.asList(more));
    return SCRIPT.callAll(function, training, arguments.toArray());
  }

  /** Allocates keys (B, H, c, z) and values (B, H, c, E/H) of the chunk under way. */
  public LayerState newState(NDManager manager, DataType type, int batch) {
    int heads = options.heads();
    int chunk = options.chunkSize();
    return LayerState.of(
        manager.zeros(new Shape(batch, heads, chunk, keyDim), type),
        manager.zeros(new Shape(batch, heads, chunk, valueDim), type));
  }

  /** {@inheritDoc} The inputs are m and n. */
  @Override
  protected NDList forwardInternal(
      ParameterStore store,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    return new NDList(forward(store, inputs.get(0), inputs.get(1), null, training));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
