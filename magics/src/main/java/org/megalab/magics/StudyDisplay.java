package org.megalab.magics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.megalab.experiment.StudyListener;
import org.megalab.experiment.StudyProgress;
import org.megalab.experiment.StudyResult;
import org.megalab.experiment.SuccessiveHalving;
import org.megalab.train.Progress;
import org.megalab.train.TextProgress;
import tech.tablesaw.api.Table;

/**
 * A study in one display that is updated in place: while it runs, how far it is, the runs under way
 * and the table so far, about twice a second; at its end the table and its figures.
 */
final class StudyDisplay implements StudyListener {

  private static final long INTERVAL_NANOS = 500_000_000;

  private final LiveDisplay display;
  private final Map<String, String> underWay = new LinkedHashMap<>();
  private String table = "";
  private long last;

  StudyDisplay(Session session) {
    display = new LiveDisplay(session.kernel());
  }

  @Override
  public void onBegin(String run, StudyProgress study) {
    underWay.put(run, "begins");
    if (table.isEmpty()) {
      table = HtmlTable.of(study.result().table());
    }
    show(study);
  }

  @Override
  public void onProgress(String run, Progress training, StudyProgress study) {
    underWay.put(
        run,
        String.format(
            Locale.ROOT,
            "step %d of %d, train %.4f bits per byte",
            training.step(),
            training.steps(),
            training.bitsPerByte()));
    if (System.nanoTime() - last > INTERVAL_NANOS) {
      show(study);
    }
  }

  @Override
  public void onEnd(String run, StudyProgress study) {
    underWay.remove(run);
    table = HtmlTable.of(study.result().table());
    show(study);
  }

  private void show(StudyProgress study) {
    last = System.nanoTime();
    String where =
        "%d of %d runs, %s left"
            .formatted(study.done(), study.runs(), TextProgress.time(study.secondsLeft()));
    StringBuilder text = new StringBuilder(study.result().study().name() + ": " + where);
    StringBuilder html =
        new StringBuilder(
                "<progress value='%d' max='%d'></progress> ".formatted(study.done(), study.runs()))
            .append(where);
    underWay.forEach(
        (run, state) -> {
          String line = run + ": " + state;
          text.append('\n').append(line);
          html.append("<div>").append(HtmlTable.escape(line)).append("</div>");
        });
    display.show(text.toString(), html.append(table).toString());
  }

  /** Shows the table with its figures, of a search also that of its rungs. */
  @Override
  public void onResult(StudyResult result) {
    table = ""; // the next rung's is another
    List<Table> tables =
        Stream.concat(
                result.search().map(SuccessiveHalving.Result::table).stream(),
                Stream.of(result.table()))
            .toList();
    StringBuilder html = new StringBuilder();
    tables.forEach(each -> html.append(HtmlTable.of(each)));
    List<XYChart> figures = StudyView.figures(result);
    for (XYChart figure : figures) {
      html.append(
          "<div><img alt='%s' src='data:image/png;base64,%s'/></div>"
              .formatted(
                  HtmlTable.escape(figure.getTitle()), Renderers.base64(Renderers.png(figure))));
    }
    String text = tables.stream().map(Table::printAll).collect(Collectors.joining("\n\n"));
    display.show(text, html.toString());
  }
}
