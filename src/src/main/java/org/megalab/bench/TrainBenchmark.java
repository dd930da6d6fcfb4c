package org.megalab.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Split;
import org.megalab.evaluate.Peak;
import org.megalab.evaluate.TrainingThroughput;
import org.megalab.json.ConfigException;
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
   */
  public record Settings(int batch, int length, StepSettings step) {
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
        + " device ms / ms per step; utilisation: of what products of matrices reach here; peak MiB:"
        + " of a GPU all that is held on it, CUDA itself and libtorch's reserve included, else the"
        + " process; ratio: bytes/s to the first model's.";
  }

  @Override
  public Table run(BenchmarkProgress progress) {
    Split split = settings.step.split();
    progress.step("products of matrices");
    Peak peak = settings.step.peak(device());
    Map<String, TrainingThroughput> measured = new LinkedHashMap<>();
    List<String> errors = new ArrayList<>();
    for (BenchmarkModel model : models) {
      int length = settings.length > 0 ? settings.length : model.config().contextLength();
      progress.step("%s, %d × %d".formatted(model.name(), settings.batch, length));
      StepSettings.Attempt attempt = attempt(model, length, split, peak);
      measured.put(model.name(), attempt.figures());
      errors.add(attempt.error());
    }
    Table table = TrainingThroughput.table(measured);
    table.addColumns(Models.ratios(table.doubleColumn("bytes/s")));
    table.insertColumn(
        1,
        LongColumn.create(
            "parameters", models.stream().mapToLong(m -> m.config().parameterCount())));
    return table.addColumns(StringColumn.create("error", errors));
  }

  private StepSettings.Attempt attempt(
      BenchmarkModel model, int length, @Nullable Split split, Peak peak) {
    return settings.step.attempt(model.withContext(length), settings.batch, length, split, peak);
  }
}
