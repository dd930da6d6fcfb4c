package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;

/**
 * A layer that can read whole sequences in both directions, for classification: every step may see
 * every other that is not padding.
 */
public interface Encoder {

  /**
   * Runs the layer over whole sequences.
   *
   * @param store where the parameters come from
   * @param x (B, T, D)
   * @param padding (B, T) boolean, true where a step is padding, which no other step may see; null
   *     where there is none
   * @param training whether dropout applies and the result takes part in autograd
   * @return (B, T, D)
   */
  NDArray encode(ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training);
}
