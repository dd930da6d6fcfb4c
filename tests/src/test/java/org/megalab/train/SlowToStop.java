package org.megalab.train;

/** Stands for a library loop that polls its interrupt flag and needs time to end cleanly. */
public final class SlowToStop {
  private SlowToStop() {}

  /** Runs until interrupted, then works on for a while as if it wrote a checkpoint. */
  public static String run(long cleanUpMillis) {
    System.out.println("go");
    while (!Thread.currentThread().isInterrupted()) {
      Thread.onSpinWait();
    }
    long end = System.nanoTime() + cleanUpMillis * 1_000_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return "clean end";
  }
}
