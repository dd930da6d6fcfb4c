package org.megalab.magics;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.megalab.train.Progress;
import org.megalab.train.TextProgress;
import org.megalab.train.TrainingListener;

/** Shows a run's progress in one display that is updated in place, about twice a second. */
final class LiveProgress implements TrainingListener {

  private static final long INTERVAL_NANOS = 500_000_000;

  private final LiveDisplay display;
  private @Nullable Progress newest;
  private String note = "";
  private boolean shown;
  private long last;

  LiveProgress(Session session) {
    display = new LiveDisplay(session.kernel());
  }

  @Override
  public synchronized void onStep(Progress progress) {
    newest = progress;
    if (!shown || System.nanoTime() - last > INTERVAL_NANOS) {
      show();
    }
  }

  @Override
  public synchronized void onEnd(Progress progress) {
    newest = progress;
    show();
  }

  /** Sets a line below the progress. */
  synchronized void note(String text) {
    note = text;
    show();
  }

  private void show() {
    last = System.nanoTime();
    String text = newest == null ? "" : TextProgress.line(newest);
    String html = newest == null ? "" : html(newest);
    if (!note.isEmpty()) {
      text += (text.isEmpty() ? "" : "\n") + note;
      html += "<div>" + HtmlTable.escape(note) + "</div>";
    }
    display.show(text, html);
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
