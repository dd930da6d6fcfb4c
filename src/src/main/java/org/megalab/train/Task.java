package org.megalab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.Dataset;
import org.megalab.data.ExampleSet;
import org.megalab.model.BackwardPass;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;

/** What a run learns: the batches of its steps, what they cost, and how the model is judged. */
abstract class Task {

  /** The rows of one update. */
  interface Batch {

    /** How many rows there are. */
    int rows();

    /** How many bytes the model reads. */
    long bytes();

    /** How many predictions of the rows from {@code from} up to {@code to} count. */
    long targets(int from, int to);

    /** The mean cost of these predictions, in nats, on the manager of the store. */
    NDArray cost(ParameterStore store, int from, int to);

    /**
     * Adds gradients of the mean cost, which is the result, to those of the parameters.
     *
     * @param share how much of it they are of
     * @param seed decides what is drawn
     */
    default NDArray backward(BackwardPass pass, int from, int to, double share, long seed) {
      return pass.run(store -> cost(store, from, to), share, seed);
    }

    /** Where a row comes from, for error messages. */
    String origin(int row);
  }

  /**
   * A model's result on the validation split.
   *
   * @param bitsPerByte the mean cost of a prediction in bits
   * @param accuracy the share of right answers; NaN where there are none to give
   */
  record Score(double bitsPerByte, double accuracy) {

    /** Before the first evaluation. */
    static final Score NONE = new Score(Double.NaN, Double.NaN);
  }

  /**
   * Returns the task of a model on data.
   *
   * @throws TrainingException if they do not fit
   */
  static Task of(TrainableModel model, Dataset data, TrainingConfig config) {
    if (data instanceof ExampleSet examples) {
      if (config.carryState()) {
        throw new TrainingException(
            "examples stand alone; carryState is for documents, leave it out");
      }
      return new ExampleTask(model, examples, config);
    }
    if (data instanceof Corpus corpus && model instanceof SequenceModel reader) {
      return config.carryState()
          ? new StreamTask(reader, corpus, config)
          : new CorpusTask(reader, corpus, config);
    }
    throw new TrainingException(
        "a classifier learns from examples with classes, and " + data.name() + " is a text");
  }

  /** Reads the batch of a step, which the seed and the step alone decide. */
  abstract Batch batch(long step);

  /** Whether there is a validation split. */
  abstract boolean evaluates();

  /** Judges the model on the validation split; returns null where it was stopped. */
  abstract @Nullable Score evaluate(BooleanSupplier stop);

  /** Writes what the task carries from step to step, where it carries anything. */
  void save(Path path) {
    throw new IllegalStateException("nothing is carried");
  }

  /** Reads what {@link #save} wrote. */
  void load(Path path) {
    throw new IllegalStateException("nothing is carried");
  }

  /** Frees what is carried. */
  void close() {}
}
