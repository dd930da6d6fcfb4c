package org.megalab.experiment;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.megalab.data.ExampleSet;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.TrainableConfig;
import org.megalab.train.TrainingConfig;
import org.megalab.train.TrainingListener;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Every architecture on every task with the same budget: one {@link Comparison} a task, each in a
 * folder of its own, and one table over all of them.
 *
 * <p>A language model answers with the bytes of the answer, so that all architectures can learn all
 * tasks; classifiers join them where there are classes. The cells are bits per byte for texts,
 * pictures and sound (less is better) and the share of right answers elsewhere (more is better).
 */
public final class TaskTable {

  /** The name of the table's file. */
  public static final String FILE = "tasks.csv";

  private final List<LearningTask> tasks;
  private final Map<String, TrainableConfig> models;
  private final TrainingConfig training;
  private final Path directory;
  private final Device device;
  private final Map<String, Map<String, Double>> cells = new LinkedHashMap<>();
  private final List<String> errors = new ArrayList<>();

  /**
   * Prepares the runs.
   *
   * @param tasks the columns
   * @param models the rows, by name; each is fitted to each task
   * @param training how all are trained; windows and strides are the tasks'
   * @param directory where each task's study is, as TASK, with the table; what it holds is gone on
   *     with
   * @param device where they run
   */
  public TaskTable(
      List<LearningTask> tasks,
      Map<String, ? extends TrainableConfig> models,
      TrainingConfig training,
      Path directory,
      Device device) {
    this.tasks = List.copyOf(tasks);
    this.models = new LinkedHashMap<>(models);
    this.training = training;
    this.directory = directory;
    this.device = device;
  }

  /**
   * Trains and evaluates all. An interrupt of the thread ends after the step under way.
   *
   * @param listener watches the training of the run of that name, such as {@code books/llama}
   * @return one row a model, one column a task; what failed or does not apply is missing
   */
  public Table run(Function<String, TrainingListener> listener) {
    for (LearningTask task : tasks) {
      if (!Thread.currentThread().isInterrupted()) {
        run(task, listener);
        write();
      }
    }
    return table();
  }

  private void run(LearningTask task, Function<String, TrainingListener> listener) {
    boolean answers = task.data() instanceof ExampleSet;
    Map<String, TrainableConfig> fitted = new LinkedHashMap<>();
    models.forEach(
        (name, config) -> {
          if (answers || !(config instanceof ClassifierConfig)) {
            fitted.put(name, task.fitted(config));
          }
        });
    Table results =
        Comparison.builder()
            .setModels(fitted)
            .setData(task.data())
            .setTraining(
                answers
                    ? training
                    : training.toBuilder()
                        .optWindowLength(task.length())
                        .optWindowStride(task.stride())
                        .build())
            .setDirectory(directory.resolve(task.name()))
            .optDevice(device)
            .optListener(name -> listener.apply(task.name() + "/" + name))
            .build()
            .run();
    DoubleColumn values =
        results.doubleColumn(answers ? "validation accuracy" : "validation bits per byte");
    Map<String, Double> column = new LinkedHashMap<>();
    for (int row = 0; row < results.rowCount(); row++) {
      String name = results.stringColumn("architecture").get(row);
      String error = results.stringColumn("error").get(row);
      if (error.isEmpty()) {
        column.put(name, values.get(row));
      } else {
        errors.add(task.name() + "/" + name + ": " + error);
      }
    }
    cells.put(heading(task), column);
  }

  private static String heading(LearningTask task) {
    return task.name() + (task.data() instanceof ExampleSet ? " (accuracy)" : " (bpb)");
  }

  /** Returns what failed, and why. */
  public List<String> errors() {
    return List.copyOf(errors);
  }

  private Table table() {
    Table table = Table.create("tasks", StringColumn.create("model", models.keySet()));
    cells.forEach(
        (heading, column) -> {
          DoubleColumn values = DoubleColumn.create(heading);
          for (String model : models.keySet()) {
            Double value = column.get(model);
            if (value == null) {
              values.appendMissing();
            } else {
              values.append(value);
            }
          }
          table.addColumns(values);
        });
    return table;
  }

  private void write() {
    Outcome.writeAtomically(directory.resolve(FILE), table().write().toString("csv"));
  }
}
