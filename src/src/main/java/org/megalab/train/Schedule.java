package org.megalab.train;

/**
 * The learning rate of each update: a linear rise, then half a cosine.
 *
 * <pre>
 * peak · (s + 1) / warmup                                          s &lt; warmup
 * peak · (f + (1 − f) · (1 + cos(π · (s − warmup) / (steps − warmup))) / 2)   otherwise
 * </pre>
 *
 * s counts updates from 0; f is the fraction of the peak at the end.
 *
 * @param peak the largest learning rate
 * @param warmupSteps the updates of the rise
 * @param steps all updates
 * @param finalFraction f
 */
public record Schedule(double peak, int warmupSteps, int steps, double finalFraction) {

  /** Returns the schedule of a configuration. */
  public static Schedule of(TrainingConfig config) {
    return new Schedule(
        config.learningRate(), config.warmupSteps(), config.steps(), config.finalLearningRate());
  }

  /** Returns the learning rate of update {@code step}, counted from 0. */
  public double learningRate(long step) {
    if (step < warmupSteps) {
      return peak * (step + 1) / warmupSteps;
    }
    double done = Math.min(1, (double) (step - warmupSteps) / Math.max(1, steps - warmupSteps));
    return peak * (finalFraction + (1 - finalFraction) * (1 + Math.cos(Math.PI * done)) / 2);
  }
}
