package org.megalab.train;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Dataset;
import org.megalab.json.RecordJson;
import org.megalab.model.TrainableModel;

/** Collects what a training needs. */
public final class TrainingBuilder {
  private @Nullable TrainableModel model;
  private @Nullable Dataset data;
  private @Nullable TrainingConfig config;
  private @Nullable Path directory;
  private @Nullable TrainingListener listener;

  TrainingBuilder() {}

  /** Sets the model, which must be initialised; it is trained in place. */
  public TrainingBuilder setModel(TrainableModel model) {
    this.model = model;
    return this;
  }

  /**
   * Sets what is learned: every byte of a corpus, by a sequence model, or the answers of examples,
   * by a sequence model or a classifier.
   */
  public TrainingBuilder setData(Dataset data) {
    this.data = data;
    return this;
  }

  /** Sets how to train. */
  public TrainingBuilder setConfig(TrainingConfig config) {
    this.config = config;
    return this;
  }

  /** Sets the directory of the run, which must not hold one already. */
  public TrainingBuilder setDirectory(Path directory) {
    this.directory = directory;
    return this;
  }

  /** Sets what watches the run. */
  public TrainingBuilder optListener(TrainingListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Checks everything and creates the run's directory.
   *
   * @throws TrainingException if something is missing, or the directory holds a run or cannot be
   *     written
   */
  public Training build() {
    if (model == null || data == null || config == null || directory == null) {
      throw new TrainingException("a training run needs a model, data, a config and a directory");
    }
    config.precision().requireAvailable(model.device());
    Task task = Task.of(model, data, config); // fails before a directory is made
    JsonObject description = new JsonObject();
    description.add("model", JsonParser.parseString(model.config().toJson()));
    description.add("training", RecordJson.tree(config));
    description.add("data", data.description());
    TrainingListener watching = listener == null ? Training.defaultListener() : listener;
    try {
      RunDirectory files = RunDirectory.create(directory, EnvironmentRecord.of(model.device()));
      Training training = new Training(model, task, config, files, watching, -1);
      files.commit(description);
      return training;
    } catch (RuntimeException e) {
      task.close();
      throw e;
    }
  }
}
