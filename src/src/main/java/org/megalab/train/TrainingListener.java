package org.megalab.train;

/** Watches a training run. Called on the training thread: be quick. */
public interface TrainingListener {

  /**
   * After each update, and after the evaluation that follows it. On a GPU the next update is under
   * way by then, and the parameters may be its own, unless an evaluation or a checkpoint was due.
   */
  void onStep(Progress progress);

  /** When the run ends, however it ends: at its last step, interrupted, or with an error. */
  default void onEnd(Progress progress) {}

  /** Watches nothing. */
  TrainingListener NONE = progress -> {};
}
