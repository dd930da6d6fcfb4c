package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.initializer.UniformInitializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Diagonal state space layer, S4D (Gu et al. 2022), with zero-order hold:
 *
 * <pre>
 * A = −exp(logDecayRate) + i frequency, Δ = exp(logStep)
 * s_t = e^ΔA s_t-1 + (e^ΔA − 1)/A · x_t
 * v_t = 2 Re Σ_n C_n s_t,n + skip · x_t
 * [a | b] = W gelu(v_t) + bias                       gelu exact, then dropout
 * y_t = a ⊙ σ(b)
 * </pre>
 *
 * B batch, T length, H channels (the model dimension), N states of which N/2 are stored, the other
 * half being their conjugates. Input and output are (B, T, H). Dropout takes whole channels, the
 * same at all steps. The state, and time and memory a step, do not grow with the length;
 * coefficients and angles are worked out in float64.
 *
 * <p>Where it is bidirectional, a second C makes a second kernel that runs backward in time, and
 * step t counts in both. The common mistakes: the factor 2 forgotten, weight decay on A and Δ.
 */
public final class S4d extends StreamingLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(S4d.class, "s4d");

  private final int modelDim;
  private final int modes;
  private final boolean bidirectional;
  private final double dropout;

  /**
   * Creates the layer with Δ between 0.001 and 0.1 at first.
   *
   * @param modelDim H
   * @param stateDim N, even
   * @param init where A begins
   * @param bidirectional whether every step sees the steps after too
   * @param dropout the probability of dropping a channel in training
   * @throws IllegalArgumentException if N is odd or not positive
   */
  public S4d(int modelDim, int stateDim, S4dInit init, boolean bidirectional, double dropout) {
    if (stateDim < 2 || stateDim % 2 != 0) {
      throw new IllegalArgumentException(
          "stateDim counts conjugate pairs and must be even and positive, got " + stateDim);
    }
    this.modelDim = modelDim;
    this.modes = stateDim / 2;
    this.bidirectional = bidirectional;
    this.dropout = dropout;
    long rows = bidirectional ? 2L * modelDim : modelDim;
    // The script takes them in this order.
    recurrenceParameter("logStep", S4d::steps, modelDim);
    recurrenceParameter("logDecayRate", init.logDecayRate(), modelDim, modes);
    recurrenceParameter("frequency", init.frequency(), modelDim, modes);
    preciseParameter("c", new NormalInitializer((float) Math.sqrt(0.5)), rows, modes, 2);
    preciseParameter("skip", new NormalInitializer(1), modelDim);
    parameter("out.weight", Linear.uniform(modelDim), 2L * modelDim, modelDim);
    parameter("out.bias", Linear.uniform(modelDim), 2L * modelDim);
  }

  private static NDArray steps(NDManager manager, Shape shape, DataType type) {
    double low = Math.log(0.001);
    double high = Math.log(0.1);
    Initializer around = new UniformInitializer((float) ((high - low) / 2));
    try (NDArray centred = around.initialize(manager, shape, type)) {
      return centred.add((low + high) / 2);
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
    NDList mixed = SCRIPT.callAll("mix", training, x, p, new NDList(), state.arrays(), false);
    state.replace(mixed.subList(1, 3));
    return SCRIPT.call("output", training, mixed.get(0), p, training ? dropout : 0.0);
  }

  /** {@inheritDoc} Steps of padding are read as zero. A causal layer sees the steps before. */
  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    try (NDArray mixed = mix(store, x, padding, training)) {
      NDList p = values(store, x, training);
      return SCRIPT.call("output", training, mixed, p, training ? dropout : 0.0);
    }
  }

  /** v, as (B, H, T). */
  NDArray mix(ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    NDList mask = padding == null ? new NDList() : new NDList(padding);
    NDList p = values(store, x, training);
    return SCRIPT.call("mix", training, x, p, mask, new NDList(), bidirectional);
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  /**
   * {@inheritDoc} It holds s, divided by (e^ΔA − 1)/A, as real and imaginary parts, each (B, H,
   * N/2).
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
          "a bidirectional S4D reads whole sequences and has no state; call encode, or create it"
              + " causal");
    }
  }

  /** Returns the response (rows, L) to an impulse at step 0, without the skip. */
  public NDArray kernel(ParameterStore store, NDArray like, int length, boolean training) {
    return SCRIPT.call("kernel", training, values(store, like, training), length);
  }
}
