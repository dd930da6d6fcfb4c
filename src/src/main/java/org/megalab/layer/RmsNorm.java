package org.megalab.layer;

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
public final class RmsNorm extends FeatureNorm {

  private static final Script SCRIPT = Script.resource(RmsNorm.class, "rms_norm");

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param weight how the weight is stored
   * @param epsilon ε
   */
  public RmsNorm(int modelDim, NormWeight weight, double epsilon) {
    super(SCRIPT, modelDim, weight, false, epsilon);
  }
}
