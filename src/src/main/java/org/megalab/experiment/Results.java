package org.megalab.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.megalab.model.TrainableConfig;
import org.megalab.train.Run;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The table of a comparison: architecture, parameters, steps, training bytes, seconds, bytes/s,
 * validation bits per byte, validation accuracy where there are answers, and the error of a model
 * that failed, whose numbers are missing.
 */
final class Results {

  private final StringColumn architecture = StringColumn.create("architecture");
  private final LongColumn parameters = LongColumn.create("parameters");
  private final LongColumn steps = LongColumn.create("steps");
  private final LongColumn bytes = LongColumn.create("training bytes");
  private final DoubleColumn seconds = DoubleColumn.create("seconds");
  private final DoubleColumn speed = DoubleColumn.create("bytes/s");
  private final DoubleColumn cost = DoubleColumn.create("validation bits per byte");
  private final StringColumn error = StringColumn.create("error");
  private final DoubleColumn accuracy = DoubleColumn.create("validation accuracy");
  private final Table table;

  /**
   * Creates an empty table.
   *
   * @param answers whether there are right answers to count
   */
  Results(boolean answers) {
    table =
        Table.create("comparison", architecture, parameters, steps, bytes, seconds, speed, cost);
    if (answers) {
      table.addColumns(accuracy);
    }
    table.addColumns(error);
  }

  /** Appends a model that was trained. */
  void add(String name, Run run, double bitsPerByte, double right) {
    Table metrics = run.metrics();
    int last = metrics.rowCount() - 1;
    long trained = metrics.longColumn("bytes").get(last);
    double spent = metrics.doubleColumn("seconds").get(last);
    architecture.append(name);
    parameters.append(run.model().parameterCount());
    steps.append(metrics.longColumn("step").get(last));
    bytes.append(trained);
    seconds.append(rounded(spent, 10));
    speed.append(rounded(trained / spent, 1));
    cost.append(rounded(bitsPerByte, 10_000));
    accuracy.append(rounded(right, 10_000));
    error.append("");
  }

  /** Appends a model that failed. */
  void failed(String name, TrainableConfig config, RuntimeException problem) {
    architecture.append(name);
    parameters.append(config.parameterCount());
    steps.appendMissing();
    bytes.appendMissing();
    seconds.appendMissing();
    speed.appendMissing();
    cost.appendMissing();
    accuracy.appendMissing();
    error.append(
        Objects.requireNonNullElse(problem.getMessage(), problem.getClass().getSimpleName())
            .replaceAll("\\s+", " "));
  }

  private static double rounded(double value, double unit) {
    return Math.rint(value * unit) / unit;
  }

  Table table() {
    return table;
  }

  /** Writes the rows so far. */
  void write(Path path) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.writeString(path, table.write().toString("csv"));
    } catch (IOException e) {
      throw new UncheckedIOException(
          String.format(Locale.ROOT, "%s cannot be written: %s", path, e), e);
    }
  }
}
