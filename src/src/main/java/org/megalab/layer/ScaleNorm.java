package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Scale normalisation (Nguyen and Salazar 2019), in the form that MEGA uses: the root mean square
 * of the D features of each step, and one learned factor for all of them.
 *
 * <pre>
 * y = x / √(mean(x²) + ε) · w                     w ∈ ℝ
 * </pre>
 *
 * The common mistake is the paper's w = √D with the norm ‖x‖ instead: the same function, another
 * stored number. With {@link NormWeight#PLUS_ONE} the stored weight is w − 1, with {@link
 * NormWeight#NONE} there is none. Statistics are in float32 at least. Input and output are (B, T,
 * D).
 */
public final class ScaleNorm extends StreamingLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(ScaleNorm.class, "rms_norm");

  private final NormWeight weight;
  private final double epsilon;

  /**
   * Creates the layer.
   *
   * @param weight how the weight is stored
   * @param epsilon ε
   */
  public ScaleNorm(NormWeight weight, double epsilon) {
    this.weight = weight;
    this.epsilon = epsilon;
    weight.addTo(this, 1, false);
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
