package org.megalab.evaluate;

/** Watches an evaluation that may take long, and may stop it. */
@FunctionalInterface
public interface EvaluationListener {

  /** Goes on to the end. */
  EvaluationListener NONE = (bytes, all) -> true;

  /** Goes on until the thread is interrupted. */
  EvaluationListener INTERRUPTIBLE = (bytes, all) -> !Thread.currentThread().isInterrupted();

  /**
   * Told now and then how far the evaluation is.
   *
   * @param bytes the bytes that went through the model so far
   * @param all the bytes that will, all in all
   * @return whether to go on
   */
  boolean onBytes(long bytes, long all);
}
