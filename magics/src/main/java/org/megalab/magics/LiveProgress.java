package org.megalab.magics;

import java.util.Locale;
import java.util.UUID;
import org.megalab.train.Progress;
import org.megalab.train.TextProgress;
import org.megalab.train.TrainingListener;

/** Shows a run's progress in one display that is updated in place, about twice a second. */
final class LiveProgress implements TrainingListener {

  private static final long INTERVAL_NANOS = 500_000_000;

  private final Session session;
  private final String id = UUID.randomUUID().toString();
  private boolean shown;
  private long last;

  LiveProgress(Session session) {
    this.session = session;
  }

  @Override
  public void onStep(Progress progress) {
    if (!shown || System.nanoTime() - last > INTERVAL_NANOS) {
      show(progress);
    }
  }

  @Override
  public void onEnd(Progress progress) {
    show(progress);
  }

  private void show(Progress progress) {
    last = System.nanoTime();
    session.show(id, shown, TextProgress.line(progress), html(progress));
    shown = true;
  }

  private static String html(Progress p) {
    return String.format(
        Locale.ROOT,
        "<div style='display:inline-block'><progress value='%d' max='%d' style='width:100%%'></progress>"
            + "<table style='margin:0'><tr><th>step</th><th>loss</th><th>train bpb</th><th>validation bpb</th>"
            + "<th>bytes/s</th><th>time</th><th>left</th></tr>"
            + "<tr><td>%d of %d</td><td>%s</td><td>%s</td><td>%s</td><td>%,.0f</td><td>%s</td><td>%s</td></tr>"
            + "</table></div>",
        p.step(),
        p.steps(),
        p.step(),
        p.steps(),
        cost(p.loss()),
        cost(p.bitsPerByte()),
        cost(p.validationBpb()),
        p.bytesPerSecond(),
        TextProgress.time(p.seconds()),
        TextProgress.time(p.secondsLeft()));
  }

  /** A cost, or a dash before there is one. */
  private static String cost(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.4f", value);
  }
}
