package org.megalab.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.IdentityHashMap;

/**
 * Gradients of parameters, collected in the type that they were computed in and added to those of
 * the parameters at once: a few kernels instead of one or two for each. When they are added, all of
 * them exist a second time, in float32.
 */
final class LeafGradients {

  private static final Script SCRIPT = Script.resource(LeafGradients.class, "leaf_gradients");

  private final IdentityHashMap<NDArray, NDArray> waiting = new IdentityHashMap<>();

  /** Takes the gradient of a leaf over; for one that needs none it is dropped. */
  void add(NDArray leaf, NDArray gradient, NDManager owner) {
    if (!leaf.hasGradient()) {
      return;
    }
    if (waiting.containsKey(leaf)) {
      flush(); // kernels that take many arrays at once must not write one twice
    }
    gradient.attach(owner);
    waiting.put(leaf, gradient);
  }

  /** Adds all that were collected. */
  void flush() {
    Sums same = new Sums(new NDList(), new NDList());
    Sums others = new Sums(new NDList(), new NDList());
    NDList leaves = new NDList();
    NDList first = new NDList();
    waiting.forEach(
        (leaf, gradient) -> {
          NDArray sum = Segment.gradient(leaf);
          if (sum == null) {
            leaves.add(leaf);
            first.add(gradient);
          } else {
            Sums sums = sum.getDataType() == gradient.getDataType() ? same : others;
            sums.arrays.add(sum);
            sums.gradients.add(gradient);
          }
        });
    Segment.backward(leaves, first);
    same.add();
    others.add();
    waiting.values().forEach(NDArray::close);
    waiting.clear();
  }

  /** Gradients of some leaves, and what is added to them. */
  private record Sums(NDList arrays, NDList gradients) {
    void add() {
      if (!arrays.isEmpty()) {
        SCRIPT.call("add", true, arrays, gradients).close();
      }
      arrays.close();
    }
  }
}
