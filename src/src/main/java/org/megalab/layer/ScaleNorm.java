package org.megalab.layer;

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
public final class ScaleNorm extends FeatureNorm {

  private static final Script SCRIPT = Script.resource(ScaleNorm.class, "rms_norm");

  /**
   * Creates the layer.
   *
   * @param weight how the weight is stored
   * @param epsilon ε
   */
  public ScaleNorm(NormWeight weight, double epsilon) {
    super(SCRIPT, 1, weight, false, epsilon);
  }
}
