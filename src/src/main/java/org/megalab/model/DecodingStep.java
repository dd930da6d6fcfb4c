package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;

/**
 * The memory of one step of a decoding state. Everything computed in the step is freed with it, but
 * for the arrays that the state then holds; arrays that the state held before and no longer holds
 * are freed too.
 */
final class DecodingStep implements AutoCloseable {

  private final NDManager owner;
  private final NDManager manager;
  private final Supplier<List<NDArray>> state;
  private final List<NDArray> before;

  /**
   * Begins a step.
   *
   * @param owner owns the arrays of the state
   * @param state lists the arrays that the state holds now
   * @param ids the step's input, borrowed from its manager
   */
  DecodingStep(NDManager owner, Supplier<List<NDArray>> state, NDArray... ids) {
    this.owner = owner;
    this.state = state;
    manager = owner.newSubManager();
    manager.setName("step");
    manager.tempAttachAll(ids);
    before = state.get();
    before.forEach(array -> array.tempAttach(manager));
  }

  /** Returns the manager of what the step computes. */
  NDManager manager() {
    return manager;
  }

  @Override
  public void close() {
    IdentityHashMap<NDArray, Boolean> now = new IdentityHashMap<>();
    for (NDArray array : state.get()) {
      now.put(array, true);
      array.attach(owner);
    }
    for (NDArray array : before) {
      if (!now.containsKey(array)) {
        array.close();
      }
    }
    manager.close();
  }
}
