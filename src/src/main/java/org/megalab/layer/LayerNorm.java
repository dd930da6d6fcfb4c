package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Layer normalisation (Ba et al. 2016) over the D features of each step:
 *
 * <pre>
 * y = (x − mean(x)) / √(var(x) + ε) · w + b          var is the population variance
 * </pre>
 *
 * With {@link NormWeight#PLUS_ONE} the stored weight is w − 1, with {@link NormWeight#NONE} there
 * is neither w nor b. Statistics are in float32 at least. Input and output are (B, T, D).
 */
public final class LayerNorm extends StreamingLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(LayerNorm.class, "layer_norm");

  private final NormWeight weight;
  private final double epsilon;

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param weight how the weight is stored
   * @param epsilon ε
   */
  public LayerNorm(int modelDim, NormWeight weight, double epsilon) {
    this.weight = weight;
    this.epsilon = epsilon;
    weight.addTo(this, modelDim, true);
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    return SCRIPT.call(
        "forward", training, x, values(store, x, training), weight.offset(), epsilon);
  }

  /** {@inheritDoc} Steps do not see each other here, so that padding makes no difference. */
  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    return forward(store, x, null, training);
  }
}
