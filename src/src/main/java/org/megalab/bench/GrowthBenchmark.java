package org.megalab.bench;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Split;
import org.megalab.evaluate.Peak;
import org.megalab.evaluate.TrainingThroughput;
import org.megalab.json.ConfigException;
import org.megalab.model.ModelConfig;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What a byte costs in training as windows grow, at a constant number of bytes a step: twice the
 * length, half the batch.
 *
 * @param models the models
 * @param settings how
 */
public record GrowthBenchmark(List<BenchmarkModel> models, Settings settings) implements Benchmark {

  /**
   * What a step is made of.
   *
   * @param bytes of a step
   * @param lengths T, the windows' bytes; a model takes the next longer one that it can have
   * @param step how steps are measured
   */
  public record Settings(int bytes, List<Integer> lengths, StepSettings step) {
    /**
     * Checks the numbers.
     *
     * @throws ConfigException naming the one that is out of range
     */
    public Settings {
      lengths = List.copyOf(lengths);
      ConfigException.check(
          !lengths.isEmpty() && lengths.stream().allMatch(length -> length > 0 && length <= bytes),
          "lengths must be 1 to bytes = %d, got %s",
          bytes,
          lengths);
    }

    /** Returns the lengths from one to another, each so many times the one before. */
    public static List<Integer> lengths(int from, int to, int factor) {
      ConfigException.check(
          0 < from && from <= to && factor > 1,
          "lengths grow from 1 or more by a factor of 2 or more; got from %d to %d by %d",
          from,
          to,
          factor);
      List<Integer> lengths = new ArrayList<>();
      for (long length = from; length <= to; length *= factor) {
        lengths.add((int) length);
      }
      return lengths;
    }
  }

  /** Copies the list. */
  public GrowthBenchmark {
    models = Models.distinct(models);
  }

  @Override
  public String name() {
    return "growth";
  }

  @Override
  public String legend() {
    return "growth: ns per byte to that of the model's shortest windows; peak MiB: of a GPU all that"
        + " is held on it, CUDA itself and libtorch's reserve included, else the process.";
  }

  @Override
  public Table run(BenchmarkProgress progress) {
    Split split = settings.step.split();
    progress.step("products of matrices");
    Peak peak = settings.step.peak(device());
    Rows rows = new Rows();
    for (BenchmarkModel model : models) {
      double shortest = Double.NaN;
      for (int wished : settings.lengths) {
        ModelConfig config = model.config().withContextLength(wished);
        int length = config.contextLength();
        int batch = Math.max(1, settings.bytes / length);
        progress.step("%s, %d × %d".formatted(model.name(), batch, length));
        BenchmarkModel resized = BenchmarkModel.of(model.name(), config, model.device());
        StepSettings.Attempt attempt = attempt(resized, batch, length, split, peak);
        shortest = rows.add(model.name(), attempt, shortest);
      }
    }
    return rows.table();
  }

  private StepSettings.Attempt attempt(
      BenchmarkModel model, int batch, int length, @Nullable Split split, Peak peak) {
    return settings.step.attempt(model, batch, length, split, peak, false);
  }

  /** One row a model and length. */
  private static final class Rows {
    private final StringColumn model = StringColumn.create("model");
    private final IntColumn length = IntColumn.create("length");
    private final IntColumn batch = IntColumn.create("batch");
    private final DoubleColumn milliseconds = DoubleColumn.create("ms per step");
    private final DoubleColumn cost = DoubleColumn.create("ns per byte");
    private final DoubleColumn growth = DoubleColumn.create("growth");
    private final DoubleColumn flops = DoubleColumn.create("training FLOPs/byte");
    private final DoubleColumn utilisation = DoubleColumn.create("utilisation");
    private final DoubleColumn memory = DoubleColumn.create("peak MiB");
    private final StringColumn error = StringColumn.create("error");

    /** Returns what the shortest windows cost, which is the row's cost in the first row. */
    double add(String name, StepSettings.Attempt attempt, double shortest) {
      TrainingThroughput figures = attempt.figures();
      double nanoseconds = 1e9 / figures.bytesPerSecond();
      double base = Double.isNaN(shortest) ? nanoseconds : shortest;
      model.append(name);
      length.append(figures.length());
      batch.append(figures.batchSize());
      milliseconds.append(1e3 * figures.medianSeconds());
      cost.append(nanoseconds);
      growth.append(nanoseconds / base);
      flops.append(figures.flopsPerByte());
      utilisation.append(figures.utilisation());
      memory.append(figures.peakMebibytes());
      error.append(attempt.error());
      return base;
    }

    Table table() {
      return Table.create("growth")
          .addColumns(model, length, batch, milliseconds, cost, growth)
          .addColumns(flops, utilisation, memory, error);
    }
  }
}
