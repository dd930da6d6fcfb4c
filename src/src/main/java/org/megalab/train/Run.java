package org.megalab.train;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.megalab.interop.ModelFile;
import org.megalab.json.RecordJson;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * A training run as its directory tells it, also in another process and long after.
 *
 * @param directory where it is
 * @param model what was trained
 * @param training how
 * @param corpus the name of the corpus
 * @param interrupted whether this sitting was stopped before its last step
 */
public record Run(
    Path directory,
    ModelConfig model,
    TrainingConfig training,
    String corpus,
    boolean interrupted) {

  /**
   * Reads a run's directory.
   *
   * @throws TrainingException if there is no run in it
   */
  public static Run open(Path directory) {
    return read(RunDirectory.open(directory), false);
  }

  static Run read(RunDirectory directory, boolean interrupted) {
    JsonObject config = directory.config();
    return new Run(
        directory.root(),
        ModelConfig.fromJson(config.get("model").toString()),
        RecordJson.read(config.getAsJsonObject("training"), TrainingConfig.class),
        config.getAsJsonObject("corpus").get("name").getAsString(),
        interrupted);
  }

  /** Returns the steps that have a checkpoint. */
  public List<Long> checkpoints() {
    return List.copyOf(RunDirectory.open(directory).checkpoints().keySet());
  }

  /**
   * Returns the step of the newest checkpoint.
   *
   * @throws TrainingException if there is none yet
   */
  public long newestCheckpoint() {
    List<Long> steps = checkpoints();
    if (steps.isEmpty()) {
      throw new TrainingException(
          directory + " has no checkpoint yet; start again in another directory");
    }
    return steps.get(steps.size() - 1);
  }

  /**
   * Loads the model of the newest checkpoint.
   *
   * @throws TrainingException if there is none
   */
  public SequenceModel load(ai.djl.Device device) {
    Path newest = RunDirectory.open(directory).checkpoint(newestCheckpoint());
    return ModelFile.load(newest.resolve(Checkpoint.MODEL), device);
  }

  /**
   * Returns one row a step: step, bytes, seconds, learningRate, trainLoss (nats), trainBpb,
   * gradientNorm and validationBpb, which is missing where there was no evaluation.
   */
  public Table metrics() {
    List<JsonObject> lines = RunDirectory.open(directory).metrics();
    DoubleColumn loss = column(lines, "trainLoss");
    return Table.create(
        "metrics",
        LongColumn.create("step", lines.stream().mapToLong(line -> line.get("step").getAsLong())),
        LongColumn.create("bytes", lines.stream().mapToLong(line -> line.get("bytes").getAsLong())),
        column(lines, "seconds"),
        column(lines, "learningRate"),
        loss,
        loss.divide(Math.log(2)).setName("trainBpb"),
        column(lines, "gradientNorm"),
        column(lines, "validationBpb"));
  }

  private static DoubleColumn column(List<JsonObject> lines, String key) {
    DoubleColumn column = DoubleColumn.create(key);
    for (JsonObject line : lines) {
      JsonElement value = line.get(key);
      if (value == null || value.isJsonNull()) {
        column.appendMissing();
      } else {
        column.append(value.getAsDouble());
      }
    }
    return column;
  }

  /** Returns what was trained, on what, how long, and what came of it: one row each. */
  public Table summary() {
    Table metrics = metrics();
    int last = metrics.rowCount() - 1;
    DoubleColumn validation = metrics.doubleColumn("validationBpb").removeMissing();
    Table summary =
        Table.create(
            "run " + directory.getFileName(),
            StringColumn.create("run"),
            StringColumn.create("value"));
    row(summary, "directory", "%s", directory);
    row(summary, "architecture", "%s", model.architecture());
    row(summary, "parameters", "%,d", model.parameterCount());
    row(summary, "corpus", "%s", corpus);
    long steps = last < 0 ? 0 : metrics.longColumn("step").get(last);
    row(summary, "steps", "%d of %d", steps, training.steps());
    if (last >= 0) {
      long bytes = metrics.longColumn("bytes").get(last);
      double seconds = metrics.doubleColumn("seconds").get(last);
      row(summary, "bytes", "%,d", bytes);
      row(summary, "training seconds", "%.1f", seconds);
      row(summary, "bytes per second", "%,.0f", bytes / seconds);
    }
    if (!validation.isEmpty()) {
      row(summary, "validation bits per byte", "%.4f", validation.get(validation.size() - 1));
    }
    return summary;
  }

  private static void row(Table summary, String key, String format, Object... values) {
    summary.stringColumn(0).append(key);
    summary.stringColumn(1).append(String.format(Locale.ROOT, format, values));
  }
}
