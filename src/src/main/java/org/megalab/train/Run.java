package org.megalab.train;

import ai.djl.Device;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.megalab.interop.ModelFile;
import org.megalab.json.RecordJson;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableConfig;
import org.megalab.model.TrainableModel;
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
 * @param data the name of the data
 * @param interrupted whether this sitting was stopped before its last step
 */
public record Run(
    Path directory,
    TrainableConfig model,
    TrainingConfig training,
    String data,
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
        TrainableConfig.fromJson(config.get("model").toString()),
        RecordJson.read(config.getAsJsonObject("training"), TrainingConfig.class),
        config.getAsJsonObject("data").get("name").getAsString(),
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
   * Returns the step of the best evaluation, whose checkpoint is there where the training keeps it.
   *
   * @throws TrainingException if no checkpoint knows of an evaluation
   */
  public long bestCheckpoint() {
    RunDirectory files = RunDirectory.open(directory);
    long best = Checkpoint.position(files.existing(newestCheckpoint())).bestStep();
    if (best < 0 || !files.checkpoints().containsKey(best)) {
      throw new TrainingException(
          directory
              + " has no checkpoint of its best evaluation; it has those of steps "
              + checkpoints()
              + ", and evaluateEvery and keepBest decide");
    }
    return best;
  }

  /**
   * Loads the sequence model of the newest checkpoint; where the training averaged the parameters,
   * with the averages.
   *
   * @throws TrainingException if there is none
   */
  public SequenceModel load(Device device) {
    return load(newestCheckpoint(), device);
  }

  /**
   * Loads the sequence model of a checkpoint.
   *
   * @param step one of {@link #checkpoints()}
   * @throws TrainingException if there is no such checkpoint
   */
  public SequenceModel load(long step, Device device) {
    return averaged(ModelFile.load(file(step, Checkpoint.MODEL), device), step);
  }

  /**
   * Loads the classifier of a checkpoint.
   *
   * @param step one of {@link #checkpoints()}
   * @throws TrainingException if there is no such checkpoint
   */
  public SequenceClassifier loadClassifier(long step, Device device) {
    return averaged(ModelFile.loadClassifier(file(step, Checkpoint.MODEL), device), step);
  }

  private <M extends TrainableModel> M averaged(M model, long step) {
    if (training.averageDecay() > 0) {
      WeightAverage.loadInto(model, file(step, Checkpoint.AVERAGE));
    }
    return model;
  }

  private Path file(long step, String name) {
    return RunDirectory.open(directory).existing(step).resolve(name);
  }

  /**
   * Returns one row a step: step, bytes, seconds, learningRate, trainLoss (nats), trainBpb,
   * gradientNorm and validationBpb, which is missing where there was no evaluation, and
   * validationAccuracy, where there are answers.
   */
  public Table metrics() {
    List<JsonObject> lines = RunDirectory.open(directory).metrics();
    DoubleColumn loss = column(lines, "trainLoss");
    Table table =
        Table.create(
            "metrics",
            LongColumn.create(
                "step", lines.stream().mapToLong(line -> line.get("step").getAsLong())),
            LongColumn.create(
                "bytes", lines.stream().mapToLong(line -> line.get("bytes").getAsLong())),
            column(lines, "seconds"),
            column(lines, "learningRate"),
            loss,
            loss.divide(Math.log(2)).setName("trainBpb"),
            column(lines, "gradientNorm"),
            column(lines, "validationBpb"));
    DoubleColumn accuracy = column(lines, "validationAccuracy");
    return accuracy.countMissing() == accuracy.size() ? table : table.addColumns(accuracy);
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

  /**
   * Returns the newest value of an evaluation.
   *
   * @param column {@code validationBpb} or {@code validationAccuracy}
   * @return the value; NaN where there is none
   */
  public double validation(String column) {
    return newest(metrics(), column);
  }

  static double newest(Table metrics, String column) {
    if (!metrics.containsColumn(column)) {
      return Double.NaN;
    }
    DoubleColumn values = metrics.doubleColumn(column).removeMissing();
    return values.isEmpty() ? Double.NaN : values.get(values.size() - 1);
  }

  /** Returns what was trained, on what, how long, and what came of it: one row each. */
  public Table summary() {
    Table metrics = metrics();
    int last = metrics.rowCount() - 1;
    Table summary =
        Table.create(
            "run " + directory.getFileName(),
            StringColumn.create("run"),
            StringColumn.create("value"));
    row(summary, "directory", "%s", directory);
    row(summary, "architecture", "%s", model.architecture());
    row(summary, "parameters", "%,d", model.parameterCount());
    row(summary, "data", "%s", data);
    long steps = last < 0 ? 0 : metrics.longColumn("step").get(last);
    row(summary, "steps", "%d of %d", steps, training.steps());
    if (last >= 0) {
      long bytes = metrics.longColumn("bytes").get(last);
      double seconds = metrics.doubleColumn("seconds").get(last);
      row(summary, "bytes", "%,d", bytes);
      row(summary, "training seconds", "%.1f", seconds);
      row(summary, "bytes per second", "%,.0f", bytes / seconds);
    }
    if (!Double.isNaN(validation("validationBpb"))) {
      row(summary, "validation bits per byte", "%.4f", validation("validationBpb"));
    }
    if (!Double.isNaN(validation("validationAccuracy"))) {
      row(summary, "validation accuracy", "%.4f", validation("validationAccuracy"));
    }
    return summary;
  }

  private static void row(Table summary, String key, String format, Object... values) {
    summary.stringColumn(0).append(key);
    summary.stringColumn(1).append(String.format(Locale.ROOT, format, values));
  }
}
