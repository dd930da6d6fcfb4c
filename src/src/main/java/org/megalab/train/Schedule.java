package org.megalab.train;

/**
 * The learning rate of each update: a linear rise, then one of four ways on.
 *
 * <pre>
 * peak · (s + 1) / warmup                                     s &lt; warmup
 *
 * otherwise, with d = (s − warmup) / (steps − warmup):
 * cosine         peak · (f + (1 − f) · (1 + cos(π · d)) / 2)
 * linear         peak · (f + (1 − f) · (1 − d))
 * constant       peak
 * inverse_sqrt   peak · √(w / (s + 1 − warmup + w))           w = max(1, warmup)
 * </pre>
 *
 * s counts updates from 0; f is the fraction of the peak at the end. MEGALODON and Llama take the
 * cosine, MEGABYTE and MEGA the line (polynomial decay of power 1), the first Transformer the
 * inverse square root.
 *
 * @param decay the way on
 * @param peak the largest learning rate
 * @param warmupSteps the updates of the rise
 * @param steps all updates
 * @param finalFraction f, of cosine and line
 */
public record Schedule(
    TrainingConfig.Decay decay, double peak, int warmupSteps, int steps, double finalFraction) {

  /** Returns the schedule of a configuration. */
  public static Schedule of(TrainingConfig config) {
    return new Schedule(
        config.decay(),
        config.learningRate(),
        config.warmupSteps(),
        config.steps(),
        config.finalLearningRate());
  }

  /** Returns the learning rate of update {@code step}, counted from 0. */
  public double learningRate(long step) {
    if (step < warmupSteps) {
      return peak * (step + 1) / warmupSteps;
    }
    double done = Math.min(1, (double) (step - warmupSteps) / Math.max(1, steps - warmupSteps));
    return switch (decay) {
      case COSINE ->
          peak * (finalFraction + (1 - finalFraction) * (1 + Math.cos(Math.PI * done)) / 2);
      case LINEAR -> peak * (finalFraction + (1 - finalFraction) * (1 - done));
      case CONSTANT -> peak;
      case INVERSE_SQRT -> {
        double width = Math.max(1, warmupSteps);
        yield peak * Math.sqrt(width / (step + 1 - warmupSteps + width));
      }
    };
  }
}
