package org.megalab.train;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.json.RecordJson;
import org.megalab.model.SequenceModel;

/** Collects what a training needs. */
public final class TrainingBuilder {
  private @Nullable SequenceModel model;
  private @Nullable Corpus corpus;
  private @Nullable TrainingConfig config;
  private @Nullable Path directory;
  private @Nullable TrainingListener listener;

  TrainingBuilder() {}

  /** Sets the model, which must be initialised; it is trained in place. */
  public TrainingBuilder setModel(SequenceModel model) {
    this.model = model;
    return this;
  }

  /** Sets the text. */
  public TrainingBuilder setCorpus(Corpus corpus) {
    this.corpus = corpus;
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
    if (model == null || corpus == null || config == null || directory == null) {
      throw new TrainingException(
          "a training run needs a model, a corpus, a config and a directory");
    }
    Training.windows(model, corpus, config); // fails before a directory is made
    JsonObject description = new JsonObject();
    description.add("model", JsonParser.parseString(model.config().toJson()));
    description.add("training", RecordJson.tree(config));
    description.add("corpus", Training.description(corpus));
    RunDirectory files =
        RunDirectory.create(directory, description, EnvironmentRecord.of(model.device()));
    return new Training(
        model, corpus, config, files, listener == null ? Training.defaultListener() : listener, -1);
  }
}
