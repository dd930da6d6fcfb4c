package org.megalab.magics;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.knowm.xchart.XYChart;
import org.megalab.data.Corpus;
import org.megalab.evaluate.TextStatistics;
import org.megalab.plot.LossCurve;
import org.megalab.train.Run;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Option(
      names = "--data",
      paramLabel = "VARIABLE",
      description = "The corpus of the lines. Default: corpus.")
  private String data = "corpus";

  @Option(names = "--no-references", description = "Leaves the lines out.")
  private boolean noReferences;

  @Mixin private final FigureOptions figure = new FigureOptions();

  PlotMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public XYChart call() throws IOException {
    Run drawn = call.session().variable(run, Run.class, "train a model with %train --steps 500");
    LossCurve curve = figure.curves(Map.of("", drawn));
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
    figure.show(call.session(), chart);
    return chart;
  }
}
