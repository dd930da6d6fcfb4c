package org.megalab.experiment;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.Dataset;
import org.megalab.data.ExampleSet;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableConfig;
import org.megalab.model.TrainableModel;
import org.megalab.train.Run;
import org.megalab.train.Training;
import org.megalab.train.TrainingConfig;
import org.megalab.train.TrainingException;
import org.megalab.train.TrainingListener;
import tech.tablesaw.api.Table;

/**
 * Models trained one after the other on the same windows or examples, in the same order, with the
 * same schedule and seed, and evaluated alike: every byte of the validation split once, in windows
 * of one length, that of the shortest context unless the training names one; or every validation
 * example.
 *
 * <pre>
 * Table table = Comparison.builder()
 *     .setModels(Map.of("megabyte", MegabyteConfig.preset("tiny"), "llama", LlamaConfig.preset("tiny")))
 *     .setData(Corpus.shipped("books"))
 *     .setTraining(TrainingConfig.builder().setSteps(200).build())
 *     .setDirectory(Path.of("runs/compare"))
 *     .build().run();
 * </pre>
 *
 * <p>A model that fails is a row that says why; the others go on. Each run is in a folder of its
 * own under the directory, and the table in {@code compare.csv} beside them, which grows with every
 * row.
 */
public final class Comparison {

  /** The name of the table's file. */
  public static final String FILE = "compare.csv";

  private final Map<String, TrainableConfig> models;
  private final Dataset data;
  private final TrainingConfig training;
  private final Path directory;
  private final boolean resume;
  private final Device device;
  private final Function<String, TrainingListener> listener;

  private Comparison(
      Map<String, TrainableConfig> models,
      Dataset data,
      TrainingConfig training,
      Path directory,
      Builder builder) {
    this.models = models;
    this.data = data;
    this.training = training;
    this.directory = directory;
    this.resume = builder.resume;
    this.device = builder.device;
    this.listener = builder.listener;
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Trains and evaluates all models. An interrupt of the thread ends the comparison after the step
   * under way.
   *
   * @return one row a model, as {@link Results} has it
   */
  public Table run() {
    Results results = new Results(data instanceof ExampleSet);
    for (Map.Entry<String, TrainableConfig> arm : models.entrySet()) {
      try {
        run(arm.getKey(), arm.getValue(), results);
      } catch (RuntimeException e) {
        results.failed(arm.getKey(), arm.getValue(), e);
      }
      results.write(directory.resolve(FILE));
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
    }
    return results.table();
  }

  private void run(String name, TrainableConfig config, Results results) {
    Path folder = directory.resolve(name);
    try (TrainableModel model = config.newModel().initialize(device, training.seed())) {
      Run run = train(name, model, folder);
      if (run.newestCheckpoint() < training.steps()) {
        throw new TrainingException("interrupted at step " + run.newestCheckpoint());
      }
      results.add(name, run, bitsPerByte(model, run), run.validation("validationAccuracy"));
    }
  }

  /** The run's own evaluation, unless that was in windows of another length. */
  private double bitsPerByte(TrainableModel model, Run run) {
    if (!(data instanceof Corpus corpus)
        || !(model instanceof SequenceModel reader)
        || reader.config().contextLength() == training.windowLength()) {
      return run.validation("validationBpb");
    }
    BitsPerByte cost =
        BitsPerByte.of(
            reader,
            corpus.validation(),
            training.windowLength(),
            () -> Thread.currentThread().isInterrupted());
    if (!cost.complete()) {
      throw new TrainingException("interrupted in the evaluation");
    }
    return cost.value();
  }

  /** Trains a model, or goes on where a run of the same stands. */
  private Run train(String name, TrainableModel model, Path folder) {
    if (!resume || !holdsRun(folder)) {
      return Training.builder()
          .setModel(model)
          .setData(data)
          .setConfig(training)
          .setDirectory(folder)
          .optListener(listener.apply(name))
          .build()
          .run();
    }
    Run run = Run.open(folder);
    if (!run.training().equals(training)) {
      throw new TrainingException(
          "%s was trained otherwise:%n%s%nand not:%n%s%nchoose another directory"
              .formatted(folder, run.training().toJson(), training.toJson()));
    }
    // A run that is complete is at its last step: only its parameters are read then.
    return Training.resume(folder, data, run.newestCheckpoint(), model, listener.apply(name)).run();
  }

  private static boolean holdsRun(Path folder) {
    return Files.exists(folder.resolve("config.json"));
  }

  /** Collects what a comparison needs. */
  public static final class Builder {
    private @Nullable Map<String, TrainableConfig> models;
    private @Nullable Dataset data;
    private @Nullable TrainingConfig training;
    private @Nullable Path directory;
    private boolean resume;
    private Device device = Device.cpu();
    private Function<String, TrainingListener> listener = name -> TrainingListener.NONE;

    private Builder() {}

    /** Sets the models by name, in the order of the map. */
    public Builder setModels(Map<String, ? extends TrainableConfig> models) {
      this.models = new LinkedHashMap<>(models);
      return this;
    }

    /** Sets what is learned. */
    public Builder setData(Dataset data) {
      this.data = data;
      return this;
    }

    /** Sets how all models are trained. */
    public Builder setTraining(TrainingConfig training) {
      this.training = training;
      return this;
    }

    /** Sets where the runs and the table are written. */
    public Builder setDirectory(Path directory) {
      this.directory = directory;
      return this;
    }

    /** Sets whether runs that the directory holds are gone on with; false when not set. */
    public Builder optResume(boolean resume) {
      this.resume = resume;
      return this;
    }

    /** Sets the device; the CPU when not set. */
    public Builder optDevice(Device device) {
      this.device = device;
      return this;
    }

    /** Sets what watches the training of the model with a name; nothing when not set. */
    public Builder optListener(Function<String, TrainingListener> listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Checks everything.
     *
     * @throws IllegalArgumentException if something is missing, the corpus has no validation split,
     *     or the directory holds runs that are not to be gone on with
     */
    public Comparison build() {
      if (models == null || data == null || training == null || directory == null) {
        throw new IllegalArgumentException(
            "a comparison needs models, data, a training and a directory");
      }
      boolean judged =
          data instanceof Corpus corpus
              ? !corpus.validation().documents().isEmpty()
              : ((ExampleSet) data).validation().size() > 0;
      if (models.isEmpty() || !judged) {
        throw new IllegalArgumentException(
            "a comparison needs at least one model, got %s, and data with a validation split, got %s"
                .formatted(models.keySet(), data));
      }
      Path root = directory;
      List<String> present =
          models.keySet().stream().filter(name -> holdsRun(root.resolve(name))).toList();
      if (!resume && !present.isEmpty()) {
        throw new IllegalArgumentException(
            "%s already holds runs of %s; go on with them by resuming, or choose another directory"
                .formatted(directory, present));
      }
      return new Comparison(models, data, sameWindows(models, training, data), directory, this);
    }

    private static TrainingConfig sameWindows(
        Map<String, TrainableConfig> models, TrainingConfig training, Dataset data) {
      if (training.windowLength() > 0 || data instanceof ExampleSet) {
        return training;
      }
      int shortest =
          models.values().stream()
              .mapToInt(c -> c instanceof ModelConfig m ? m.contextLength() : Integer.MAX_VALUE)
              .min()
              .orElseThrow();
      return training.toBuilder().optWindowLength(shortest).build();
    }
  }
}
