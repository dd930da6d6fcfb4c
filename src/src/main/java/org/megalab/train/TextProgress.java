package org.megalab.train;

import java.io.PrintStream;
import java.util.Locale;

/** Prints a line at the first step, then at most every few seconds, and at the end. */
public final class TextProgress implements TrainingListener {

  private final PrintStream out;
  private final double interval;
  private long lastStep = -1;
  private double last = Double.NEGATIVE_INFINITY;

  /**
   * Creates it.
   *
   * @param out where to print
   * @param interval the seconds between lines
   */
  public TextProgress(PrintStream out, double interval) {
    this.out = out;
    this.interval = interval;
  }

  @Override
  public void onStep(Progress progress) {
    if (progress.seconds() - last >= interval) {
      last = progress.seconds();
      lastStep = progress.step();
      out.println(line(progress));
    }
  }

  @Override
  public void onEnd(Progress progress) {
    if (progress.step() != lastStep) {
      out.println(line(progress));
    }
  }

  /** Returns the one-line form: step, costs in bits per byte, speed and time left. */
  public static String line(Progress p) {
    return String.format(
        Locale.ROOT,
        "step %d/%d  loss %.4f  train %.4f bpb  validation %s  %,.0f bytes/s  %s left",
        p.step(),
        p.steps(),
        p.loss(),
        p.bitsPerByte(),
        validation(p),
        p.bytesPerSecond(),
        time(p.secondsLeft()));
  }

  private static String validation(Progress p) {
    if (Double.isNaN(p.validationBpb())) {
      return "-";
    }
    String cost = String.format(Locale.ROOT, "%.4f bpb", p.validationBpb());
    return Double.isNaN(p.validationAccuracy())
        ? cost
        : String.format(Locale.ROOT, "%s, %.1f %% right", cost, 100 * p.validationAccuracy());
  }

  /** Returns seconds as {@code 1:02:03} or {@code 2:03}. */
  public static String time(double seconds) {
    if (!(seconds < 1e9)) {
      return "?";
    }
    long s = Math.round(seconds);
    return s >= 3600
        ? String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60)
        : String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60);
  }
}
