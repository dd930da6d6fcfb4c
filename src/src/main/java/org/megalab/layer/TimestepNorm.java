package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Timestep normalisation (MEGALODON, Ma et al. 2024, section 3.2): group normalisation made causal.
 * At step t every group of D/G features is normalised with the mean and population variance of all
 * its values at steps 0 … t:
 *
 * <pre>
 * y_t,f = (x_t,f − μ_t) / √(σ²_t + ε) · (weight_f + 1) + bias_f
 * μ_t   = (n₀ μ₀ + Σ_s m_s) / n_t                                n_t = n₀ + t + 1
 * σ²_t  = (n₀ σ²₀ + Σ_s [v_s + (m_s − μ_s-1)(m_s − μ_s)]) / n_t
 * </pre>
 *
 * m_s and v_s are mean and variance of the group's features at step s; n counts steps, not values.
 * B batch, T length, D model dimension, G groups. Input and output are (B, T, D). Statistics are
 * accumulated in float64. A step of padding changes no statistics, its output is 0 and no gradient
 * reaches it.
 *
 * <p>The common mistake is to leave v_s out, the variance within a step: it trains, and is wrong.
 */
public final class TimestepNorm extends StreamingLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(TimestepNorm.class, "timestep_norm");

  private final int groups;
  private final int priorCount;
  private final double epsilon;

  /** Creates a layer without prior: the first step is normalised by itself. */
  public TimestepNorm(int modelDim, int groups, double epsilon) {
    this(modelDim, groups, 0, epsilon);
  }

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param groups G, a divisor of D
   * @param priorCount n₀ of a fresh sequence; when positive, μ₀ and log σ²₀ are learned, one a
   *     group
   * @param epsilon ε
   * @throws IllegalArgumentException if the groups do not divide D, or hold one feature each and
   *     the prior does not count more than one step
   */
  public TimestepNorm(int modelDim, int groups, int priorCount, double epsilon) {
    if (groups < 1 || modelDim % groups != 0) {
      throw new IllegalArgumentException(
          groups + " groups do not divide " + modelDim + " features; take a divisor");
    }
    if (priorCount < 0 || (groups == modelDim && priorCount < 2)) {
      throw new IllegalArgumentException(
          "the prior count must be at least 0, and at least 2 where a group is one feature, whose"
              + " first step has no variance; got "
              + priorCount);
    }
    this.groups = groups;
    this.priorCount = priorCount;
    this.epsilon = epsilon;
    // The script takes them in this order.
    preciseParameter("weight", Initializer.ZEROS, modelDim);
    preciseParameter("bias", Initializer.ZEROS, modelDim);
    if (priorCount > 0) {
      preciseParameter("priorMean", Initializer.ZEROS, groups);
      preciseParameter("priorLogVariance", Initializer.ZEROS, groups);
    }
  }

  int groups() {
    return groups;
  }

  double epsilon() {
    return epsilon;
  }

  boolean isWithoutPrior() {
    return priorCount == 0;
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    return forward(store, x, null, state, training);
  }

  /**
   * Runs the layer where some steps are padding.
   *
   * @param padding (B, T) boolean, true where a step is padding; null where there is none
   */
  public NDArray forward(
      ParameterStore store,
      NDArray x,
      @Nullable NDArray padding,
      @Nullable LayerState state,
      boolean training) {
    NDList before = state == null ? new NDList() : state.arrays();
    NDList results =
        SCRIPT.callAll(
            "forward",
            training,
            x,
            values(store, x, training),
            groups,
            priorCount,
            epsilon,
            before,
            padding == null ? new NDList() : new NDList(padding));
    if (state == null) {
      results.subList(1, 4).forEach(NDArray::close);
    } else {
      state.advance(x.getShape().get(1));
      state.replace(results.subList(1, 4));
    }
    return results.get(0);
  }

  /** {@inheritDoc} It stays causal in an encoder: a step's statistics are those up to it. */
  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    return forward(store, x, padding, null, training);
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  /** {@inheritDoc} It holds n (B), μ (B, G) and σ² (B, G), in float64 for any parameters. */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    Shape grouped = new Shape(batch, groups);
    return LayerState.of(
        manager.zeros(new Shape(batch), DataType.FLOAT64),
        manager.zeros(grouped, DataType.FLOAT64),
        manager.zeros(grouped, DataType.FLOAT64));
  }
}
