package org.megalab.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Split;
import org.megalab.evaluate.Peak;
import org.megalab.evaluate.TrainingThroughput;
import org.megalab.json.ConfigException;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * How fast models train: forward, backward and the fused update of AdamW, each model at its turn.
 *
 * @param models the models; the first is what the ratios refer to
 * @param settings how
 */
public record TrainBenchmark(List<BenchmarkModel> models, Settings settings) implements Benchmark {

  /**
   * What a step is made of.
   *
   * @param batch B, the windows of a step
   * @param length T, their bytes; 0 for each model's context
   * @param step how steps are measured
   * @param loop whether training runs are measured too, from update to update; a model that is
   *     there learns of it
   */
  public record Settings(int batch, int length, StepSettings step, boolean loop) {
    /**
     * Checks the numbers.
     *
     * @throws ConfigException naming the one that is out of range
     */
    public Settings {
      ConfigException.check(batch > 0, "batch must be positive, got %d", batch);
      ConfigException.check(length >= 0, "length must not be negative, got %d", length);
    }
  }

  /** Copies the list. */
  public TrainBenchmark {
    models = Models.distinct(models);
  }

  @Override
  public String name() {
    return "train";
  }

  @Override
  public String legend() {
    return "host ms: until Java has handed a step over; device ms: what the GPU works on it; busy:"
        + " device ms / ms per step; loop ms, loop busy: the same of a training run, with clipping,"
        + " metrics and progress; utilisation: of what products of matrices reach here; peak MiB:"
        + " of a GPU all that is held on it, CUDA itself and libtorch's reserve included, else the"
        + " process; ratio: bytes/s to the first model's.";
  }

  @Override
  public Table run(BenchmarkProgress progress) {
    Split split = settings.step.split();
    progress.step("products of matrices");
    Peak peak = settings.step.peak(device());
    Map<String, StepSettings.Attempt> measured = new LinkedHashMap<>();
    for (BenchmarkModel model : models) {
      int length = settings.length > 0 ? settings.length : model.config().contextLength();
      progress.step("%s, %d × %d".formatted(model.name(), settings.batch, length));
      measured.put(model.name(), attempt(model, length, split, peak));
    }
    return table(measured);
  }

  private Table table(Map<String, StepSettings.Attempt> measured) {
    Map<String, TrainingThroughput> figures = new LinkedHashMap<>();
    LongColumn parameters = LongColumn.create("parameters");
    DoubleColumn loop = DoubleColumn.create("loop ms");
    DoubleColumn busy = DoubleColumn.create("loop busy");
    StringColumn error = StringColumn.create("error");
    for (BenchmarkModel model : models) {
      StepSettings.Attempt attempt = Objects.requireNonNull(measured.get(model.name()));
      double seconds = attempt.loop().median();
      figures.put(model.name(), attempt.figures());
      parameters.append(model.config().parameterCount());
      loop.append(1e3 * seconds);
      busy.append(Math.min(1, attempt.figures().parts().device() / seconds));
      error.append(attempt.error());
    }
    Table table = TrainingThroughput.table(figures);
    table.insertColumn(1, parameters);
    return table.addColumns(Models.ratios(table.doubleColumn("bytes/s")), loop, busy, error);
  }

  private StepSettings.Attempt attempt(
      BenchmarkModel model, int length, @Nullable Split split, Peak peak) {
    return settings.step.attempt(
        model.withContext(length), settings.batch, length, split, peak, settings.loop);
  }
}
