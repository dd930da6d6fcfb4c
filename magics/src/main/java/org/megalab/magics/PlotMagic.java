package org.megalab.magics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.megalab.data.Corpus;
import org.megalab.evaluate.TextStatistics;
import org.megalab.plot.Figures;
import org.megalab.plot.LossCurve;
import org.megalab.train.Run;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code %plot}. */
@Command(
    sortOptions = false,
    description = {
      "Draws a run's bits per byte, with the costs of the validation text without a model: uniform,"
          + " entropies of order 0 and 1, gzip and xz.",
      "In Java: LossCurve.of(run.metrics()).references(TextStatistics.of(corpus.validation()).lines()).chart();"
    })
final class PlotMagic implements Callable<XYChart> {
  private final MagicCommands.Call call;

  @Option(names = "--run", paramLabel = "VARIABLE", description = "The run. Default: run.")
  private String run = "run";

  @Option(names = "--x", description = "step, bytes or seconds. Default: step.")
  private LossCurve.X x = LossCurve.X.STEP;

  @Option(
      names = "--data",
      paramLabel = "VARIABLE",
      description = "The corpus of the lines. Default: corpus.")
  private String data = "corpus";

  @Option(names = "--no-references", description = "Leaves the lines out.")
  private boolean noReferences;

  @Option(names = "--svg", description = "Shows SVG instead of PNG.")
  private boolean svg;

  @Option(names = "--save", paramLabel = "FILE", description = "Also writes a .png or .svg file.")
  private @Nullable Path save;

  PlotMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public XYChart call() throws IOException {
    Run drawn = call.session().variable(run, Run.class, "train a model with %train --steps 500");
    LossCurve curve = LossCurve.of(drawn.metrics()).by(x);
    if (!noReferences) {
      Corpus corpus =
          call.session()
              .variable(
                  data,
                  Corpus.class,
                  "load the text with %dataset, or draw without its lines with --no-references");
      curve.references(TextStatistics.of(corpus.validation()).lines());
    }
    XYChart chart = curve.chart();
    if (save != null) {
      Figures.save(chart, save);
    }
    if (svg) {
      call.session().show(chart, "image/svg+xml");
    } else {
      call.session().show(chart);
    }
    return chart;
  }
}
