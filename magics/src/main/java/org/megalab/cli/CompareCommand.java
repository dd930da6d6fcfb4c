package org.megalab.cli;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.megalab.data.Corpus;
import org.megalab.experiment.Comparison;
import org.megalab.experiment.LearningTask;
import org.megalab.experiment.StudyResult;
import org.megalab.experiment.TaskTable;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.EncoderConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.TrainableConfig;
import org.megalab.torchscript.Libtorch;
import org.megalab.train.TextProgress;
import org.megalab.train.TrainingConfig;
import org.megalab.train.TrainingListener;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tech.tablesaw.api.Table;

/** {@code megalab compare}. */
@Command(
    name = "compare",
    description = {
      "Trains the architectures alike and compares their bits per byte.",
      "With --tasks every architecture learns every task, and the table has a column for each; models"
          + " that can read in both directions are there as classifiers too."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    versionProvider = VersionCommand.class)
public final class CompareCommand implements Callable<Integer> {
  @Option(
      names = "--architectures",
      paramLabel = "NAME",
      split = ",",
      description = "Which, separated by commas. Default: all that have the preset.")
  private List<String> architectures = new ArrayList<>();

  @Option(names = "--preset", paramLabel = "NAME", description = "The size of the models.")
  private String preset = "tiny";

  @Option(
      names = "--corpus",
      paramLabel = "NAME",
      description = "A data set that ships, or a folder with train/ and validation/.")
  private String corpus = "books";

  @Option(
      names = "--tasks",
      paramLabel = "NAME",
      split = ",",
      description = "Instead of a corpus: all, or some of ${COMPLETION-CANDIDATES}.",
      completionCandidates = TaskNames.class)
  private List<String> tasks = new ArrayList<>();

  @Option(names = "--steps", paramLabel = "N", description = "Updates of each model.")
  private int steps = 200;

  @Option(names = "--batch", paramLabel = "N", description = "Windows of an update.")
  private int batch = 16;

  @Option(names = "--seed", paramLabel = "N", description = "Decides weights, windows and dropout.")
  private long seed = 1;

  @Option(names = "--gpu", description = "Train on the first GPU.")
  private boolean gpu;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the runs and runs.csv are; what is there is gone on with.")
  private Path directory = Path.of("runs", "compare");

  /** The tasks that help and completion show. */
  static final class TaskNames extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    TaskNames() {
      super(LearningTask.names());
    }
  }

  @Override
  public Integer call() {
    return tasks.isEmpty() ? compare() : compareOnTasks();
  }

  private TrainingConfig training() {
    return TrainingConfig.builder().setSteps(steps).optBatchSize(batch).optSeed(seed).build();
  }

  private Device device() {
    return gpu ? firstGpu() : Device.cpu();
  }

  /** The tables alone are the output; progress goes where errors go. */
  private static TrainingListener listener(String name) {
    System.err.println(name);
    return new TextProgress(System.err, 2);
  }

  private int compare() {
    Table table =
        Comparison.builder()
            .setModels(models())
            .setData(Corpus.named(corpus))
            .setTraining(training())
            .setDirectory(directory)
            .optDevice(device())
            .optListener(CompareCommand::listener)
            .build()
            .run();
    System.out.println(table.printAll());
    System.err.println("wrote " + directory.resolve(StudyResult.RUNS));
    boolean failed = table.stringColumn("error").asList().stream().anyMatch(e -> !e.isEmpty());
    return failed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }

  private int compareOnTasks() {
    List<String> names = tasks.equals(List.of("all")) ? LearningTask.names() : tasks;
    Map<String, TrainableConfig> models = new LinkedHashMap<>(models());
    models().forEach((name, config) -> addClassifier(models, name, config));
    TaskTable runs =
        new TaskTable(
            names.stream().map(LearningTask::named).toList(),
            models,
            training(),
            directory,
            device());
    System.out.println(runs.run(CompareCommand::listener).printAll());
    System.err.println("wrote " + directory.resolve(TaskTable.FILE));
    runs.errors().forEach(System.err::println);
    return runs.errors().isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static void addClassifier(
      Map<String, TrainableConfig> models, String name, ModelConfig config) {
    if (config instanceof EncoderConfig encoder) {
      models.put(
          name + " classifier",
          ClassifierConfig.builder().setEncoder(encoder).setClasses(2).build());
    }
  }

  /** The first GPU, or why there is none. */
  static Device firstGpu() {
    if (Libtorch.engine().getGpuCount() == 0) {
      throw new IllegalArgumentException("there is no GPU here; leave --gpu out");
    }
    return Device.gpu();
  }

  private Map<String, ModelConfig> models() {
    List<String> names = architectures;
    if (names.isEmpty()) {
      names =
          ModelConfig.presets().entrySet().stream()
              .filter(entry -> entry.getValue().contains(preset))
              .map(Map.Entry::getKey)
              .toList();
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          "no architecture has a preset \"" + preset + "\"; there are " + ModelConfig.presets());
    }
    Map<String, ModelConfig> models = new LinkedHashMap<>();
    for (String name : names) {
      models.put(name, ModelConfig.preset(name, preset));
    }
    return models;
  }
}
