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

  /** Since when an update is under way; 0 where none is. */
  private long since;

  TrainingClock(double secondsBefore, long bytesBefore, long stepBefore) {
    this.secondsBefore = secondsBefore;
    this.bytesBefore = bytesBefore;
    this.stepBefore = stepBefore;
  }

  /** An update begins, where none is under way. */
  void begins() {
    since = since == 0 ? System.nanoTime() : since;
  }

  /** No update is under way any more. */
  void ends() {
    trained = trained();
    since = 0;
  }

  private double trained() {
    return since == 0 ? trained : trained + (System.nanoTime() - since) / 1e9;
  }

  /** The training time of all sittings. */
  double seconds() {
    return secondsBefore + trained();
  }

  double bytesPerSecond(long bytes) {
    double seconds = trained();
    return seconds == 0 ? 0 : (bytes - bytesBefore) / seconds;
  }

  /** What is left at the pace of this sitting, evaluations and checkpoints included. */
  double secondsLeft(long step, long steps) {
    double perStep = (System.nanoTime() - start) / 1e9 / Math.max(1, step - stepBefore);
    return step == stepBefore ? Double.POSITIVE_INFINITY : perStep * (steps - step);
  }
}
