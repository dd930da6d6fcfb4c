package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Group normalisation (Wu and He 2018) over a whole sequence: each group of D/G features is
 * normalised with the mean and population variance of its values at all steps that are not padding:
 *
 * <pre>
 * y_t,f = (x_t,f − μ) / √(σ² + ε) · w_f + b_f
 * </pre>
 *
 * Padded steps come out as 0. Input and output are (B, T, D), B batch, T length, D model dimension,
 * G groups.
 *
 * <p>Every step sees the future: it serves classification only. {@link TimestepNorm} is its causal
 * form, whose last step has the same statistics.
 */
public final class GroupNorm extends SequenceLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(GroupNorm.class, "group_norm");

  private final int groups;
  private final NormWeight weight;
  private final double epsilon;

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param groups G, a divisor of D
   * @param weight how the weight is stored
   * @param epsilon ε
   * @throws IllegalArgumentException if the groups do not divide D
   */
  public GroupNorm(int modelDim, int groups, NormWeight weight, double epsilon) {
    if (groups < 1 || modelDim % groups != 0) {
      throw new IllegalArgumentException(
          groups + " groups do not divide " + modelDim + " features; take a divisor");
    }
    this.groups = groups;
    this.weight = weight;
    this.epsilon = epsilon;
    weight.addTo(this, modelDim, true);
  }

  @Override
  public NDArray forward(ParameterStore store, NDArray x, boolean training) {
    return encode(store, x, null, training);
  }

  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    return SCRIPT.call(
        "forward",
        training,
        x,
        values(store, x, training),
        groups,
        weight.offset(),
        epsilon,
        padding == null ? new NDList() : new NDList(padding));
  }
}
