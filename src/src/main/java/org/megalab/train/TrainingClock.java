package org.megalab.train;

/**
 * The time and speed of one sitting of a run; evaluations and checkpoints do not count as training.
 */
final class TrainingClock {

  private final double secondsBefore;
  private final long bytesBefore;
  private final long stepBefore;
  private final long start = System.nanoTime();
  private double trained;
  private long stepStart;

  TrainingClock(double secondsBefore, long bytesBefore, long stepBefore) {
    this.secondsBefore = secondsBefore;
    this.bytesBefore = bytesBefore;
    this.stepBefore = stepBefore;
  }

  void stepBegins() {
    stepStart = System.nanoTime();
  }

  void stepEnds() {
    trained += (System.nanoTime() - stepStart) / 1e9;
  }

  /** The training time of all sittings. */
  double seconds() {
    return secondsBefore + trained;
  }

  double bytesPerSecond(long bytes) {
    return trained == 0 ? 0 : (bytes - bytesBefore) / trained;
  }

  /** What is left at the pace of this sitting, evaluations and checkpoints included. */
  double secondsLeft(long step, long steps) {
    double perStep = (System.nanoTime() - start) / 1e9 / Math.max(1, step - stepBefore);
    return step == stepBefore ? Double.POSITIVE_INFINITY : perStep * (steps - step);
  }
}
