package org.megalab.interop;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import java.util.Map;

/** One of our implementations, set up to reproduce the recording of a reference implementation. */
interface ReferenceModule extends AutoCloseable {

  /**
   * Computes every output that the recording holds, by its name, taking part in autograd.
   *
   * @param store gives the parameters in a precision; its manager may own what is computed
   */
  Map<String, NDArray> outputs(ParameterStore store);

  /** Returns the trainable arrays by the name that the reference gives them. */
  Map<String, NDArray> parameters();

  /** Returns the floating-point inputs whose gradients may be recorded, by name. */
  default Map<String, NDArray> inputs() {
    return Map.of();
  }

  @Override
  void close();
}
