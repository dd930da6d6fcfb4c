package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/** A layer from (B, T, D) to (B, T, D). */
public abstract class SequenceLayer extends Layer {

  /**
   * Runs the layer over whole sequences.
   *
   * @param store where the parameters come from
   * @param x (B, T, D)
   * @param training whether dropout applies and the result takes part in autograd
   * @return (B, T, D)
   */
  public abstract NDArray forward(ParameterStore store, NDArray x, boolean training);

  @Override
  protected final NDList forwardInternal(
      ParameterStore store,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    return new NDList(forward(store, inputs.singletonOrThrow(), training));
  }

  @Override
  public final Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }

  /** Frees the previous activation: what the backward pass needs of it, autograd holds itself. */
  static NDArray replace(NDArray previous, NDArray input, NDArray next) {
    if (previous != input) {
      previous.close();
    }
    return next;
  }
}
