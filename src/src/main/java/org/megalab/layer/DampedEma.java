package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Multi-dimensional damped exponential moving average (MEGA, Ma et al. 2022, section 3.1; the
 * reference implementation's form):
 *
 * <pre>
 * p = σ(delta), q = 1 − p σ(alpha)
 * h_t = q h_t-1 + p beta x_t
 * y_t = f(Σ_n γ_n √(1/N) h_t,n + omega · x_t)             f = silu in MEGA, else the identity
 * </pre>
 *
 * B batch, T length, D model dimension, N modes. Input and output are (B, T, D). The state, and
 * time and memory a step, do not grow with the length. Coefficients are worked out in float64.
 *
 * <p>Where it is bidirectional, two kernels run, one forward in time and one backward, and step t
 * counts in both; sequences are then read whole. The common mistake is to exchange delta and alpha:
 * the reference's delta is the paper's α, its alpha the paper's δ.
 */
public final class DampedEma extends StreamingLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(DampedEma.class, "damped_ema");

  private final int modelDim;
  private final int modes;
  private final boolean bidirectional;
  private final boolean silu;

  /** Creates a causal layer of D channels with N modes each, without f. */
  public DampedEma(int modelDim, int modes) {
    this(modelDim, modes, false, false);
  }

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param modes N
   * @param bidirectional whether there is a second kernel, for the steps after; the first D rows of
   *     the parameters are the forward kernel's
   * @param silu whether f is silu
   */
  public DampedEma(int modelDim, int modes, boolean bidirectional, boolean silu) {
    this.modelDim = modelDim;
    this.modes = modes;
    this.bidirectional = bidirectional;
    this.silu = silu;
    long rows = bidirectional ? 2L * modelDim : modelDim;
    // The script takes them in this order.
    preciseParameter("delta", new NormalInitializer(0.2f), rows, modes);
    preciseParameter("alpha", new NormalInitializer(0.2f), rows, modes);
    preciseParameter("beta", DampedEma::alternating, rows, modes);
    preciseParameter("gamma", new NormalInitializer(1), rows, modes);
    preciseParameter("omega", new NormalInitializer(1), modelDim);
  }

  /** 1, −1, 1, … over the modes, with a little noise. */
  private static NDArray alternating(NDManager manager, Shape shape, DataType type) {
    Initializer noise = new NormalInitializer(0.02f);
    try (NDArray small = noise.initialize(manager, shape, type);
        NDArray mode = manager.arange(0f, (float) shape.get(1), 1f, type);
        NDArray odd = mode.mod(2);
        NDArray signs = odd.mul(-2).addi(1)) {
      return small.add(signs);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if there is a state and the layer is bidirectional
   */
  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    if (state == null) {
      return encode(store, x, null, training);
    }
    requireCausal();
    state.advance(x.getShape().get(1));
    NDList p = values(store, x, training);
    NDList results =
        SCRIPT.callAll("forward", training, x, p, new NDList(), state.arrays(), false, silu);
    state.replace(results.subList(1, 3));
    return results.get(0);
  }

  /** {@inheritDoc} Steps of padding are read as zero. A causal layer sees the steps before. */
  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    NDList p = values(store, x, training);
    NDList mask = padding == null ? new NDList() : new NDList(padding);
    return SCRIPT.call("forward", training, x, p, mask, new NDList(), bidirectional, silu);
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  /**
   * {@inheritDoc} It holds h / (p · beta) as real and imaginary parts, each (B, D, N).
   *
   * @throws IllegalStateException if the layer is bidirectional
   */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    requireCausal();
    Shape shape = new Shape(batch, modelDim, modes);
    return LayerState.of(manager.zeros(shape, type), manager.zeros(shape, type));
  }

  private void requireCausal() {
    if (bidirectional) {
      throw new IllegalStateException(
          "a bidirectional EMA reads whole sequences and has no state; call encode, or create it"
              + " causal");
    }
  }

  /**
   * Returns the response (rows, L) to an impulse at step 0, without omega: k_d[j] = Σ_n p beta γ_n
   * √(1/N) q^j.
   */
  public NDArray kernel(ParameterStore store, NDArray like, int length) {
    return SCRIPT.call("kernel", false, values(store, like, false), length);
  }
}
