package org.megalab.experiment;

import java.io.PrintStream;
import java.util.Locale;
import org.megalab.train.Progress;
import org.megalab.train.TextProgress;

/** Prints a line a run as it begins and ends, and at most every few seconds between. */
public final class StudyText implements StudyListener {

  private final PrintStream out;
  private final double interval;
  private long last = System.nanoTime();

  /**
   * Creates it.
   *
   * @param out where to print
   * @param interval the seconds between lines
   */
  public StudyText(PrintStream out, double interval) {
    this.out = out;
    this.interval = interval;
  }

  @Override
  public void onProgress(String run, Progress training, StudyProgress study) {
    if ((System.nanoTime() - last) / 1e9 >= interval) {
      last = System.nanoTime();
      out.printf(
          Locale.ROOT,
          "[%d/%d] %s: step %d/%d, train %.4f bpb, %s left%n",
          study.done(),
          study.runs(),
          run,
          training.step(),
          training.steps(),
          training.bitsPerByte(),
          TextProgress.time(study.secondsLeft()));
    }
  }

  @Override
  public void onEnd(String run, StudyProgress study) {
    last = System.nanoTime();
    out.printf(
        Locale.ROOT,
        "[%d/%d] %s: %s, %s left%n",
        study.done(),
        study.runs(),
        run,
        study.result().headline(run),
        TextProgress.time(study.secondsLeft()));
  }
}
