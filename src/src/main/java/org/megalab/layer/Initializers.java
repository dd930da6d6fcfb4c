package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.training.initializer.Initializer;
import org.megalab.torchscript.Script;

/** Distributions of initial values that DJL does not have. */
public final class Initializers {

  // With training on: what is computed without it can never be trained.

  private static final Script SCRIPT = Script.resource(Initializers.class, "initializers");

  private Initializers() {}

  /**
   * Returns a normal distribution of mean 0 whose tails are cut off.
   *
   * @param std the standard deviation before the cut
   * @param limit values lie in [−limit, limit]
   */
  public static Initializer truncatedNormal(double std, double limit) {
    double tail = limit / std / Math.sqrt(2);
    return (manager, shape, type) -> {
      try (NDArray uniform = manager.randomUniform(-1, 1, shape, type)) {
        return SCRIPT.call("truncated_normal", true, uniform, std, limit, tail);
      }
    };
  }

  /**
   * Returns the logits of the frequencies f_j = D^(−j/D), j = 1 … D, in random order over the D
   * entries: from close to 1 down to 1/D.
   */
  public static Initializer frequencies() {
    return (manager, shape, type) -> {
      try (NDArray random = manager.randomUniform(0, 1, shape, type)) {
        return SCRIPT.call("frequency_logits", true, random);
      }
    };
  }

  /** Returns a normal distribution for the real parts and zero for the imaginary, (…, 2). */
  public static Initializer realNormal(double std) {
    return (manager, shape, type) -> {
      try (NDArray random = manager.randomNormal(0f, (float) std, shape, type)) {
        return SCRIPT.call("real_part", true, random);
      }
    };
  }
}
