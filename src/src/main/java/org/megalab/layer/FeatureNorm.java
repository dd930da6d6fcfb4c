package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/** A norm over the features of each step (B, T, D): steps do not see each other. */
abstract class FeatureNorm extends StreamingLayer implements Encoder {

  private final Script script;
  private final NormWeight weight;
  private final double epsilon;

  /**
   * Creates the layer.
   *
   * @param script its {@code forward(x, parameters, offset, epsilon)}
   * @param size the elements of the weight
   * @param weight how the weight is stored
   * @param bias whether there is a bias next to it
   * @param epsilon ε
   */
  FeatureNorm(Script script, int size, NormWeight weight, boolean bias, double epsilon) {
    this.script = script;
    this.weight = weight;
    this.epsilon = epsilon;
    weight.addTo(this, size, bias);
  }

  final double epsilon() {
    return epsilon;
  }

  /** Whether the weight is stored as what is added to 1. */
  final boolean addsOne() {
    return weight == NormWeight.PLUS_ONE;
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  @Override
  public final NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    return script.call(
        "forward", training, x, values(store, x, training), weight.offset(), epsilon);
  }

  /** {@inheritDoc} Steps do not see each other here, so that padding makes no difference. */
  @Override
  public final NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    return forward(store, x, null, training);
  }
}
