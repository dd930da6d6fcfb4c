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
import org.megalab.evaluate.BitsPerByte;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.train.Run;
import org.megalab.train.Training;
import org.megalab.train.TrainingConfig;
import org.megalab.train.TrainingException;
import org.megalab.train.TrainingListener;
import tech.tablesaw.api.Table;

/**
 * Models trained one after the other on the same windows, in the same order, with the same schedule
 * and seed, and evaluated alike: every byte of the validation split once, in windows of one length,
 * that of the shortest context unless the training names one.
 *
 * <pre>
 * Table table = Comparison.builder()
 *     .setModels(Map.of("megabyte", MegabyteConfig.preset("tiny"), "llama", LlamaConfig.preset("tiny")))
 *     .setCorpus(Corpus.shipped("books"))
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

  private final Map<String, ModelConfig> models;
  private final Corpus corpus;
  private final TrainingConfig training;
  private final Path directory;
  private final boolean resume;
  private final Device device;
  private final Function<String, TrainingListener> listener;

  private Comparison(
      Map<String, ModelConfig> models,
      Corpus corpus,
      TrainingConfig training,
      Path directory,
      Builder builder) {
    this.models = models;
    this.corpus = corpus;
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
    Results results = new Results();
    for (Map.Entry<String, ModelConfig> arm : models.entrySet()) {
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

  private void run(String name, ModelConfig config, Results results) {
    Path folder = directory.resolve(name);
    try (SequenceModel model = config.newModel().initialize(device, training.seed())) {
      Run run = train(name, model, folder);
      if (run.newestCheckpoint() < training.steps()) {
        throw new TrainingException("interrupted at step " + run.newestCheckpoint());
      }
      BitsPerByte cost =
          BitsPerByte.of(
              model,
              corpus.validation(),
              training.windowLength(),
              () -> Thread.currentThread().isInterrupted());
      if (!cost.complete()) {
        throw new TrainingException("interrupted in the evaluation");
      }
      results.add(name, run, cost.value());
    }
  }

  /** Trains a model, or goes on where a run of the same stands. */
  private Run train(String name, SequenceModel model, Path folder) {
    if (!resume || !holdsRun(folder)) {
      return Training.builder()
          .setModel(model)
          .setCorpus(corpus)
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
    return Training.resume(folder, corpus, run.newestCheckpoint(), model, listener.apply(name))
        .run();
  }

  private static boolean holdsRun(Path folder) {
    return Files.exists(folder.resolve("config.json"));
  }

  /** Collects what a comparison needs. */
  public static final class Builder {
    private @Nullable Map<String, ModelConfig> models;
    private @Nullable Corpus corpus;
    private @Nullable TrainingConfig training;
    private @Nullable Path directory;
    private boolean resume;
    private Device device = Device.cpu();
    private Function<String, TrainingListener> listener = name -> TrainingListener.NONE;

    private Builder() {}

    /** Sets the models by name, in the order of the map. */
    public Builder setModels(Map<String, ? extends ModelConfig> models) {
      this.models = new LinkedHashMap<>(models);
      return this;
    }

    /** Sets the text. */
    public Builder setCorpus(Corpus corpus) {
      this.corpus = corpus;
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
      if (models == null || corpus == null || training == null || directory == null) {
        throw new IllegalArgumentException(
            "a comparison needs models, a corpus, a training and a directory");
      }
      if (models.isEmpty() || corpus.validation().documents().isEmpty()) {
        throw new IllegalArgumentException(
            "a comparison needs at least one model, got %s, and a corpus with a validation split, got %s"
                .formatted(models.keySet(), corpus));
      }
      Path root = directory;
      List<String> present =
          models.keySet().stream().filter(name -> holdsRun(root.resolve(name))).toList();
      if (!resume && !present.isEmpty()) {
        throw new IllegalArgumentException(
            "%s already holds runs of %s; go on with them by resuming, or choose another directory"
                .formatted(directory, present));
      }
      int shortest =
          models.values().stream().mapToInt(ModelConfig::contextLength).min().orElseThrow();
      TrainingConfig same =
          training.windowLength() > 0
              ? training
              : training.toBuilder().optWindowLength(shortest).build();
      return new Comparison(models, corpus, same, directory, this);
    }
  }
}
