package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Complex exponential moving average, CEMA (MEGALODON, Ma et al. 2024, section 3.1; the reference
 * implementation's form):
 *
 * <pre>
 * α = σ(alpha), δ = σ(delta), φ_d,n = n · 2π σ(theta_d) / N       n = 1 … N
 * h_t = q h_t-1 + α x_t                                           q = (1 − α δ) e^iφ
 * y_t = Re Σ_n γ_n √(1/N) h_t,n + omega · x_t                     γ = gamma_re + i gamma_im
 * </pre>
 *
 * B batch, T length, D model dimension, N modes. Input and output are (B, T, D). Every channel is a
 * convolution with a kernel of N damped oscillations; the state, and time and memory a step, do not
 * grow with the length. Coefficients and angles are worked out in float64.
 *
 * <p>In {@link #encode both directions} two kernels run, one forward and one backward, and step t
 * counts in both. The common mistakes: modes counted from 0, √(1/N) or omega forgotten, |q| = 1 −
 * α.
 */
public final class ComplexEma extends StreamingLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(ComplexEma.class, "complex_ema");

  private final int modelDim;
  private final int modes;
  private final boolean bidirectional;

  /** Creates a causal layer of D channels with N modes each. */
  public ComplexEma(int modelDim, int modes) {
    this(modelDim, modes, false);
  }

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param modes N
   * @param bidirectional whether there is a second kernel, for the steps after; the first D rows of
   *     the parameters are the forward kernel's
   */
  public ComplexEma(int modelDim, int modes, boolean bidirectional) {
    this.modelDim = modelDim;
    this.modes = modes;
    this.bidirectional = bidirectional;
    long rows = bidirectional ? 2L * modelDim : modelDim;
    // The script takes them in this order.
    preciseParameter("alpha", new NormalInitializer(0.2f), rows, modes);
    preciseParameter("delta", new NormalInitializer(0.2f), rows, modes);
    preciseParameter("theta", Initializers.frequencies(), rows);
    preciseParameter("gamma", Initializers.realNormal(1), rows, modes, 2);
    preciseParameter("omega", Initializers.truncatedNormal(0.25, 1), modelDim);
  }

  boolean isBidirectional() {
    return bidirectional;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the layer is bidirectional
   */
  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    if (bidirectional) {
      throw new IllegalStateException("a bidirectional EMA reads whole sequences; call encode");
    }
    NDList p = values(store, x, training);
    if (state == null) {
      return SCRIPT.call("forward", training, x, p, new NDList());
    }
    state.advance(x.getShape().get(1));
    NDList results = SCRIPT.callAll("forward", training, x, p, state.arrays());
    state.replace(results.subList(1, 3));
    return results.get(0);
  }

  /**
   * {@inheritDoc} Steps of padding are read as zero.
   *
   * @throws IllegalStateException if the layer is causal
   */
  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    if (!bidirectional) {
      throw new IllegalStateException("a causal EMA has no kernel for the steps after");
    }
    NDList mask = padding == null ? new NDList() : new NDList(padding);
    return SCRIPT.call("encode", training, x, values(store, x, training), mask);
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  /** {@inheritDoc} It holds h / α as real and imaginary parts, each (B, D, N). */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    Shape shape = new Shape(batch, modelDim, modes);
    return LayerState.of(manager.zeros(shape, type), manager.zeros(shape, type));
  }

  /**
   * Returns the response (rows, L) to an impulse at step 0, without omega: k_d[j] = Re Σ_n α γ_n
   * √(1/N) q^j.
   */
  public NDArray kernel(ParameterStore store, NDArray like, int length) {
    return SCRIPT.call("kernel", false, values(store, like, false), length);
  }
}
