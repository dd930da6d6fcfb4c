package org.megalab.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** What DJL's {@code NDArray} does not offer, or does not do in place. */
public final class Tensors {

  private static final Script SCRIPT = Script.resource(Tensors.class, "tensors");

  private Tensors() {}

  /**
   * Copies values into an array, keeping its memory, its gradient and its place in models. Element
   * types and devices may differ.
   *
   * @throws ScriptException if the shapes do not fit
   */
  public static void assign(NDArray target, NDArray source) {
    SCRIPT.call("assign", false, target, source).close();
  }

  /** Sets arrays to zero in place. */
  public static void zero(NDList targets) {
    if (!targets.isEmpty()) {
      SCRIPT.call("zero", false, targets).close();
    }
  }
}
