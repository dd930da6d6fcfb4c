package org.megalab.bench;

import java.util.concurrent.CancellationException;
import org.megalab.evaluate.EvaluationListener;

/** Watches a benchmark. */
@FunctionalInterface
public interface BenchmarkProgress {

  /** Watches nothing. */
  BenchmarkProgress NONE = line -> {};

  /** Told what is done now, in a line. */
  void on(String line);

  /**
   * Tells the line, unless the thread was interrupted.
   *
   * @throws CancellationException if it was
   */
  default void step(String line) {
    requireGoingOn();
    on(line);
  }

  /** Stops what asks it by an exception, rather than with half a result. */
  static EvaluationListener listener() {
    return (bytes, all) -> {
      requireGoingOn();
      return true;
    };
  }

  /**
   * Looks at the thread's interrupt, and leaves it.
   *
   * @throws CancellationException if it is set
   */
  static void requireGoingOn() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("the measurement was interrupted; nothing is known of it");
    }
  }
}
