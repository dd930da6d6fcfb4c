package org.megalab.train;

/**
 * Where a training run stands after an update.
 *
 * @param step the updates done
 * @param steps all updates
 * @param bytes the bytes trained on
 * @param seconds the time spent, over all sittings of a resumed run
 * @param bytesPerSecond the speed since this sitting began
 * @param secondsLeft what is left at that speed
 * @param learningRate of the update
 * @param loss the mean cost of a byte of the batch, in nats
 * @param gradientNorm the global norm before clipping
 * @param validationBpb bits per byte of the validation split at the newest evaluation; NaN before
 *     the first
 * @param validationAccuracy the share of right answers then; NaN where there are none to give
 */
public record Progress(
    long step,
    long steps,
    long bytes,
    double seconds,
    double bytesPerSecond,
    double secondsLeft,
    double learningRate,
    double loss,
    double gradientNorm,
    double validationBpb,
    double validationAccuracy) {

  /** Returns the mean cost of a byte of the batch, in bits. */
  public double bitsPerByte() {
    return loss / Math.log(2);
  }
}
