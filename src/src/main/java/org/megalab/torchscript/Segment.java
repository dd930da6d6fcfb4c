package org.megalab.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of an {@link Autograd}'s tape: the place where the graph is interrupted.
 *
 * @param inputs what was read, with the graphs that led there
 * @param sources the segments of which the inputs are the results, null for others
 * @param parameters leaves that were read besides, of which the segment is not the owner
 * @param saved what the replay needs besides, of which the segment is the owner
 * @param output a leaf, on which the graph goes on
 * @param arrived the gradients of the output that came from segments which it is the source of
 * @param replay leads from the leaf's gradient to those of the inputs
 */
record Segment(
    NDList inputs,
    List<@Nullable Segment> sources,
    NDList parameters,
    NDList saved,
    NDArray output,
    NDList arrived,
    Replay replay)
    implements AutoCloseable {

  private static final Script SCRIPT = Script.resource(Segment.class, "segment");

  /** Leads a gradient back. */
  @FunctionalInterface
  interface Replay {
    /** Returns the gradients of inputs and parameters, null for none; they belong to the scope. */
    List<@Nullable NDArray> gradients(NDArray gradient, NDManager scope);
  }

  /**
   * Sends the leaf's gradient, if it has one, on to the segments or into the graphs that the inputs
   * come from.
   *
   * @param leaves takes the gradients of parameters
   */
  void backward(NDManager scope, LeafGradients leaves) {
    NDArray gradient = gradient(scope);
    if (gradient == null) {
      return;
    }
    List<@Nullable NDArray> gradients = replay.gradients(gradient, scope);
    NDList arrays = new NDList();
    NDList theirs = new NDList();
    for (int i = 0; i < gradients.size(); i++) {
      NDArray found = gradients.get(i);
      if (found == null) {
        continue;
      }
      Segment source = i < inputs.size() ? sources.get(i) : null;
      if (i >= inputs.size()) {
        leaves.add(parameters.get(i - inputs.size()), found, output.getManager());
      } else if (source != null) {
        found.attach(output.getManager());
        source.arrived.add(found);
      } else {
        arrays.add(inputs.get(i));
        theirs.add(found);
      }
    }
    backward(arrays, theirs);
  }

  private @Nullable NDArray gradient(NDManager scope) {
    NDArray sum = gradient(output);
    for (NDArray part : arrived) {
      sum = sum == null ? part : sum.add(part);
    }
    if (sum != null) {
      sum.attach(scope);
    }
    return sum;
  }

  /** Adds the gradients of what arrays were computed from, given theirs; none where none is due. */
  static void backward(NDList arrays, NDList gradients) {
    if (!arrays.isEmpty()) {
      SCRIPT.call("backward", true, arrays, gradients).close();
    }
  }

  /** DJL's own answer is right for leaves alone. */
  static boolean requiresGradient(NDArray array) {
    try (NDArray answer = SCRIPT.call("requires_gradient", true, array)) {
      return answer.getLong() > 0;
    }
  }

  /** Returns the gradient of a leaf; null where nothing has reached it, for which DJL gives 0. */
  static @Nullable NDArray gradient(NDArray leaf) {
    return JniUtils.getGradient((PtNDArray) leaf);
  }

  /** Checks a second run, where that costs no waiting for a GPU. */
  static void requireSame(NDArray first, NDArray second) {
    if (first.getDevice().isGpu()) {
      return;
    }
    try (NDArray different = SCRIPT.call("different", false, first, second)) {
      if (different.getLong() > 0) {
        throw new IllegalStateException(
            different.getLong()
                + " of "
                + first.size()
                + " values were others when a segment was computed again; its gradients would be"
                + " wrong. Random numbers belong to the process: train models with dropout one at a"
                + " time, or without recomputation");
      }
    }
  }

  @Override
  public void close() {
    inputs.close();
    arrived.close();
    saved.close();
    output.close();
  }
}
