package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Root-mean-square normalisation (Zhang and Sennrich 2019) over the D features of each step:
 *
 * <pre>
 * y = x / √(mean(x²) + ε) · w
 * </pre>
 *
 * With {@link NormWeight#PLUS_ONE} the stored weight is w − 1, with {@link NormWeight#NONE} there
 * is none. Statistics are in float32 at least. Input and output are (B, T, D).
 */
public final class RmsNorm extends StreamingLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(RmsNorm.class, "rms_norm");

  private final NormWeight weight;
  private final double epsilon;

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param weight how the weight is stored
   * @param epsilon ε
   */
  public RmsNorm(int modelDim, NormWeight weight, double epsilon) {
    this.weight = weight;
    this.epsilon = epsilon;
    weight.addTo(this, modelDim, false);
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
