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
import org.megalab.torchscript.Script;

/**
 * Moving-average equipped gated attention of one head (MEGA, Ma et al. 2022, section 3):
 *
 * <pre>
 * X̂ = norm(X),  V = silu(W_v X̂ + b_v),  M = EMA(X̂)
 * [u | z | r | c] = W_mx M + b_mx                                D, Z, E and D wide
 * Q = silu(z) ⊙ κ_q + μ_q,  K = silu(z) ⊙ κ_k + μ_k
 * O = f(Q Kᵀ + bias) V                                           within each chunk
 * Ĥ = silu(c + W_h (silu(r) ⊙ O) + b_h)
 * Y = X + σ(u) ⊙ (Ĥ − X)
 * </pre>
 *
 * Post-norm has X̂ = X and ends with norm(Y). {@link AttentionFunction} is f, {@link RelativeBias}
 * the bias; {@code gamma} and {@code beta} are κ and μ, row 0 the query's. Chunks bound attention
 * alone: the moving average runs through. B batch, T length, D model dimension, Z query and key
 * dimension, E value dimension, C chunk size. Input and output are (B, T, D).
 *
 * <p>The common mistakes: the gated residual with X̂ instead of X, the rotary bias taken for a
 * rotation of Q and K, laplace scores divided by T instead of the keys that the query may see.
 */
public final class MegaAttention extends StreamingLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(MegaAttention.class, "mega_attention");

  private final MegaSettings settings;
  private final StreamingLayer norm;
  private final DampedEma ema;

  /** Creates the layer. */
  public MegaAttention(MegaSettings settings) {
    this.settings = settings;
    int dim = settings.modelDim();
    int shared = settings.sharedDim();
    int valueDim = settings.valueDim();
    norm = addChildBlock("norm", settings.newNorm());
    ema =
        addChildBlock(
            "ema", new DampedEma(dim, settings.emaModes(), settings.bidirectional(), true));
    Initializer weights = settings.weights();
    int mixed = 2 * dim + shared + valueDim;
    // The script takes them in this order.
    parameter("value.weight", weights, valueDim, dim);
    parameter("value.bias", Initializer.ZEROS, valueDim);
    parameter("mix.weight", weights, mixed, dim);
    parameter("mix.bias", Initializer.ZEROS, mixed);
    parameter("gamma", weights, 2, shared);
    parameter("beta", Initializer.ZEROS, 2, shared);
    parameter("out.weight", weights, dim, valueDim);
    parameter("out.bias", Initializer.ZEROS, dim);
    if (settings.relativeBias() == RelativeBias.SIMPLE) {
      parameter("relative", weights, 2L * settings.positions() - 1);
    } else {
      parameter("relativeQuery", weights, shared);
      parameter("relativeKey", weights, shared);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if there is a state and the layer is bidirectional
   * @throws IllegalArgumentException if the simple bias does not reach over so many steps
   */
  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    if (state == null) {
      return encode(store, x, null, training);
    }
    LayerState cache = state.inner(0);
    long position = cache.advance(x.getShape().get(1));
    try (NDArray h = normed(store, x, settings.preNorm(), training);
        NDArray m = ema.forward(store, h, state.inner(1), training)) {
      NDList results =
          SCRIPT.callAll(
              "decode",
              training,
              x,
              h,
              m,
              values(store, x, training),
              settings.function().code,
              cache.get(0),
              cache.get(1),
              position,
              training ? settings.attentionDropout() : 0.0,
              training ? settings.hiddenDropout() : 0.0,
              training ? settings.dropout() : 0.0,
              training);
      if (training) {
        cache.replace(results.subList(1, 3));
      }
      try (NDArray y = results.get(0)) {
        return normed(store, y, !settings.preNorm(), training);
      }
    }
  }

  /** {@inheritDoc} A causal layer sees the steps before. */
  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    requirePositions(x.getShape().get(1));
    try (NDArray h = normed(store, x, settings.preNorm(), training);
        NDArray m = ema.encode(store, h, padding, training);
        NDArray y =
            SCRIPT.call(
                "forward",
                training,
                x,
                h,
                m,
                values(store, x, training),
                padding == null ? new NDList() : new NDList(padding),
                !settings.bidirectional(),
                settings.function().code,
                settings.chunkSize(),
                training ? settings.attentionDropout() : 0.0,
                training ? settings.hiddenDropout() : 0.0,
                training ? settings.dropout() : 0.0)) {
      return normed(store, y, !settings.preNorm(), training);
    }
  }

  /** The norm of x where it has its place here, else x as another array. */
  private NDArray normed(ParameterStore store, NDArray x, boolean here, boolean training) {
    return here ? norm.forward(store, x, null, training) : x.reshape(x.getShape());
  }

  /**
   * {@inheritDoc} It holds keys (B, 1, C, Z) and values (B, 1, C, E) of the current chunk, or of
   * all steps where there are no chunks, and the state of the moving average.
   *
   * @throws IllegalStateException if the layer is bidirectional
   * @throws IllegalArgumentException if the simple bias does not reach over so many steps
   */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    LayerState average = ema.newState(manager, type, batch, capacity);
    int chunk = settings.chunkSize();
    if (chunk > 0) {
      return LayerState.of(
          List.of(
              LayerState.of(
                  manager.zeros(new Shape(batch, 1, chunk, settings.sharedDim()), type),
                  manager.zeros(new Shape(batch, 1, chunk, settings.valueDim()), type)),
              average));
    }
    requirePositions(capacity);
    return LayerState.of(
        List.of(
            LayerState.keyValues(
                manager, type, batch, 1, capacity, settings.sharedDim(), settings.valueDim()),
            average));
  }

  private void requirePositions(long steps) {
    boolean bounded = settings.chunkSize() == 0 && settings.relativeBias() == RelativeBias.SIMPLE;
    if (bounded && steps > settings.positions()) {
      throw new IllegalArgumentException(
          "the simple relative bias tells "
              + settings.positions()
              + " positions apart and there are "
              + steps
              + "; raise the positions, set a chunk size, or take the rotary bias");
    }
  }
}
