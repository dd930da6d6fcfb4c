package org.megalab.magics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.ModelConfig;
import org.megalab.plot.Figures;
import org.megalab.plot.LossCurve;
import org.megalab.train.Run;
import picocli.CommandLine.Option;
import tech.tablesaw.api.Table;

/** The options of a figure of loss curves: its axis, and how it is shown and written. */
final class FigureOptions {

  @Option(names = "--x", description = "step, bytes, seconds or flops. Default: step.")
  private LossCurve.@Nullable X x;

  @Option(names = "--svg", description = "Shows SVG instead of PNG.")
  private boolean svg;

  @Option(names = "--save", paramLabel = "FILE", description = "Also writes a .png or .svg file.")
  private @Nullable Path save;

  /**
   * Checks that none was given.
   *
   * @param what has no figure
   */
  void requireNone(String what) {
    if (x != null || svg || save != null) {
      throw new IllegalArgumentException(what + " have no figure; leave --x, --svg and --save out");
    }
  }

  /** The curves of runs by name. */
  LossCurve curves(Map<String, Run> runs) {
    LossCurve curves = LossCurve.empty().by(x == null ? LossCurve.X.STEP : x);
    runs.forEach(
        (name, run) -> {
          Table metrics = run.metrics();
          curves.run(name, metrics, flopsPerByte(run, metrics));
        });
    return curves;
  }

  /** The operations of training on a byte, in windows as long as those of the run were. */
  private static double flopsPerByte(Run run, Table metrics) {
    int last = metrics.rowCount() - 1;
    if (last < 0) {
      return Double.NaN;
    }
    double windows = (double) metrics.longColumn("step").get(last) * run.training().batchSize();
    long window = Math.max(1, Math.round(metrics.longColumn("bytes").get(last) / windows));
    ModelConfig reader =
        run.model() instanceof ClassifierConfig classifier
            ? classifier.encoder()
            : (ModelConfig) run.model();
    return reader.flops(Math.toIntExact(window)).training();
  }

  /** Shows a figure, and writes it where a file was named. */
  void show(Session session, XYChart chart) throws IOException {
    if (save != null) {
      Figures.save(chart, save);
    }
    if (svg) {
      session.show(chart, "image/svg+xml");
    } else {
      session.show(chart);
    }
  }
}
