package org.megalab.magics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.lang.model.SourceVersion;
import org.knowm.xchart.XYChart;
import org.megalab.evaluate.ModelCost;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.train.Run;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tech.tablesaw.api.Table;

/** {@code %compare RUN RUN …}. */
@Command(
    sortOptions = false,
    description = {
      "Compares runs: a table, and their loss curves in one figure. Of models, compares sizes and what"
          + " a byte costs.",
      "In Java: LossCurve.empty().run(\"a\", a.metrics()).run(\"b\", b.metrics()).chart();",
      "         ModelCost.table(Map.of(\"a\", a.config(), \"b\", b.config()));"
    })
final class CompareMagic implements Callable<Table> {
  private final MagicCommands.Call call;

  @Parameters(
      arity = "2..*",
      paramLabel = "RUN",
      completionCandidates = Candidates.Runs.class,
      description = "Variables of runs, or runs' directories, also below runs/; or models.")
  private List<String> names = new ArrayList<>();

  @Mixin private final FigureOptions figure = new FigureOptions();

  CompareMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public Table call() throws IOException {
    Map<String, Run> runs = new LinkedHashMap<>();
    Map<String, ModelConfig> models = new LinkedHashMap<>();
    for (String name : names) {
      Object found = find(name);
      boolean again =
          found instanceof SequenceModel model
              ? models.put(name, model.config()) != null
              : runs.put(name, (Run) found) != null;
      if (again) {
        throw new IllegalArgumentException(name + " is given twice");
      }
    }
    if (!runs.isEmpty() && !models.isEmpty()) {
      throw new IllegalArgumentException(
          "runs compare with runs and models with models; %s are runs and %s models"
              .formatted(runs.keySet(), models.keySet()));
    }
    return runs.isEmpty() ? models(models) : runs(runs);
  }

  /** A run or a model: a variable first, then a directory, then one below runs. */
  private Object find(String name) {
    if (SourceVersion.isName(name)) {
      Object value = call.session().value(name);
      if (value instanceof Run || value instanceof SequenceModel) {
        return value;
      } else if (value != null) {
        throw new IllegalArgumentException(
            "the variable \"%s\" must be a run or a model, got a %s"
                .formatted(name, value.getClass().getSimpleName()));
      }
    }
    for (Path directory : List.of(Path.of(name), Path.of("runs", name))) {
      if (Files.isDirectory(directory)) {
        return Run.open(directory);
      }
    }
    throw new IllegalArgumentException(
        "there is no variable and no run \"%s\"; %%who lists variables, %%runs directories"
            .formatted(name));
  }

  private Table models(Map<String, ModelConfig> models) {
    figure.requireNone("models");
    Table table = ModelCost.table(models);
    call.session().show(table);
    return table;
  }

  private Table runs(Map<String, Run> runs) throws IOException {
    Map<String, Path> directories = new LinkedHashMap<>();
    runs.forEach((name, run) -> directories.put(name, run.directory()));
    Table table = RunsMagic.table(directories, call.session().trainings());
    XYChart chart = figure.curves(runs).chart();
    call.session().show(table);
    figure.show(call.session(), chart);
    return table;
  }
}
