package org.megalab.layer;

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
public final class LayerNorm extends FeatureNorm {

  private static final Script SCRIPT = Script.resource(LayerNorm.class, "layer_norm");

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param weight how the weight is stored
   * @param epsilon ε
   */
  public LayerNorm(int modelDim, NormWeight weight, double epsilon) {
    super(SCRIPT, modelDim, weight, true, epsilon);
  }
}
