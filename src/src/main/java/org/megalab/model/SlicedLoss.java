package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Autograd;

/**
 * The cost of ids of which not all logits need to exist at once: a head and its cross entropy, over
 * slices of the steps.
 *
 * <pre>
 * memory   B · T · V   →   B · S · V         S steps a slice
 * </pre>
 *
 * In training the {@link Autograd.Options} give S. Else S is as large as {@value #MOST_LOGITS}
 * logits allow.
 */
final class SlicedLoss {

  /** The logits that exist at a time outside of training. */
  static final long MOST_LOGITS = 1L << 26;

  private SlicedLoss() {}

  /**
   * Returns the cost of each id, in nats.
   *
   * @param hidden (B, T, D), what the head reads
   * @param ids (B, T)
   * @param vocabulary V
   * @param training whether the result takes part in autograd
   * @param head leads from (B, S, D) to logits (B, S, V)
   * @return (B, T)
   */
  static NDArray of(
      NDArray hidden, NDArray ids, int vocabulary, boolean training, UnaryOperator<NDArray> head) {
    Autograd autograd = training ? Autograd.current() : null;
    long steps = steps(ids, vocabulary, training, autograd);
    if (steps >= ids.getShape().get(1)) {
      try (NDArray logits = head.apply(hidden)) {
        return SequenceModel.crossEntropy(logits, ids, training);
      }
    }
    NDArray targets = ids.stopGradient(); // stays when the caller closes its own before the end
    Autograd.Slice slice =
        (part, first) -> {
          long end = first + part.getShape().get(1);
          try (NDArray of = targets.get(":, {}:{}", first, end);
              NDArray logits = head.apply(part)) {
            return SequenceModel.crossEntropy(logits, of, training);
          }
        };
    if (autograd != null) {
      return autograd.bySlices(hidden, steps, slice);
    }
    try (NDManager scope = hidden.getManager().newSubManager()) {
      NDArray cost = Autograd.inSlices(hidden, steps, scope, slice);
      cost.attach(hidden.getManager());
      return cost;
    }
  }

  private static long steps(
      NDArray ids, int vocabulary, boolean training, @Nullable Autograd autograd) {
    long all = ids.getShape().get(1);
    if (training) {
      int slice = autograd == null ? 0 : autograd.lossSlice();
      return slice == 0 ? all : slice;
    }
    return Math.max(1, MOST_LOGITS / Math.max(1, ids.getShape().get(0) * vocabulary));
  }
}
