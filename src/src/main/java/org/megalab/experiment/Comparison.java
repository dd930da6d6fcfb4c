package org.megalab.experiment;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Dataset;
import org.megalab.data.ExampleSet;
import org.megalab.json.ConfigException;
import org.megalab.model.ModelConfig;
import org.megalab.model.TrainableConfig;
import org.megalab.train.Progress;
import org.megalab.train.TrainingConfig;
import org.megalab.train.TrainingListener;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * A {@link Study} whose arms are models: trained on the same windows or examples, in the same
 * order, with the same schedule and seed, and evaluated alike: every byte of the validation split
 * once, in windows of one length, that of the shortest context unless the training names one; or
 * every validation example.
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
 * <p>As any study it goes on with what its directory holds, and {@code Study.open(directory)} has
 * the runs.
 */
public final class Comparison {

  private final Study study;

  private Comparison(Study study) {
    this.study = study;
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the study that this is. */
  public Study study() {
    return study;
  }

  /**
   * Trains and evaluates all models. An interrupt of the thread ends the comparison after the step
   * under way.
   *
   * @return one row a model that was begun: architecture, parameters, steps, training bytes,
   *     seconds, bytes/s, validation bits per byte, validation accuracy where there are answers,
   *     and the error of a model that failed, whose numbers are missing
   */
  public Table run() {
    StudyResult result = study.run();
    Table runs = result.runs();
    Table arms = result.table();
    LongColumn parameters = LongColumn.create("parameters");
    DoubleColumn speed = DoubleColumn.create("bytes/s");
    for (Row row : runs) {
      int arm = arms.stringColumn("arm").firstIndexOf(row.getString("arm"));
      if (arms.longColumn("parameters").isMissing(arm)) {
        parameters.appendMissing();
      } else {
        parameters.append(arms.longColumn("parameters").get(arm));
      }
      if (row.isMissing("bytes")) {
        speed.appendMissing();
      } else {
        speed.append(Math.rint(row.getLong("bytes") / row.getDouble("seconds")));
      }
    }
    StringColumn names = runs.stringColumn("arm").copy().setName("architecture");
    Table table =
        Table.create(
            "comparison",
            names,
            parameters,
            runs.longColumn("steps"),
            runs.longColumn("bytes").setName("training bytes"),
            rounded(runs.doubleColumn("seconds"), 10),
            speed,
            rounded(runs.doubleColumn("bits per byte"), 10_000)
                .setName("validation bits per byte"));
    if (runs.containsColumn("accuracy")) {
      table.addColumns(
          rounded(runs.doubleColumn("accuracy"), 10_000).setName("validation accuracy"));
    }
    return table.addColumns(runs.stringColumn("error"));
  }

  private static DoubleColumn rounded(DoubleColumn column, double unit) {
    DoubleColumn rounded = DoubleColumn.create(column.name());
    column.forEach(value -> rounded.append(Math.rint(value * unit) / unit));
    return rounded;
  }

  /** Gives each model's training a listener of its own. */
  private record Listeners(
      Function<String, TrainingListener> byName,
      Map<String, TrainingListener> begun,
      Map<String, Progress> last)
      implements StudyListener {

    @Override
    public void onBegin(String run, StudyProgress study) {
      begun.put(run, byName.apply(run));
    }

    @Override
    public void onProgress(String run, Progress training, StudyProgress study) {
      last.put(run, training);
      begun.getOrDefault(run, TrainingListener.NONE).onStep(training);
    }

    @Override
    public void onEnd(String run, StudyProgress study) {
      Progress progress = last.get(run);
      if (progress != null) {
        begun.getOrDefault(run, TrainingListener.NONE).onEnd(progress);
      }
    }
  }

  /** Collects what a comparison needs. */
  public static final class Builder {
    private @Nullable Map<String, TrainableConfig> models;
    private @Nullable Dataset data;
    private @Nullable TrainingConfig training;
    private @Nullable Path directory;
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
     * @throws ConfigException if something is missing, or the data has no validation split
     */
    public Comparison build() {
      if (models == null || data == null || training == null || directory == null) {
        throw new ConfigException("a comparison needs models, data, a training and a directory");
      }
      ConfigException.check(!models.isEmpty(), "a comparison needs at least one model");
      StudyBuilder study =
          Study.builder()
              .setName("comparison")
              .setBase(models.values().iterator().next())
              .setData(data)
              .setTraining(sameWindows(models, training, data))
              .setDirectory(directory)
              .optSeeds(training.seed())
              .optDevice(device)
              .optListener(new Listeners(listener, new HashMap<>(), new HashMap<>()));
      models.forEach((name, model) -> study.addArm(Arm.of(name, t -> t.withModel(model))));
      return new Comparison(study.build());
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
