package org.megalab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Example;
import org.megalab.data.ExampleSet;
import org.megalab.data.RandomExamples;
import org.megalab.evaluate.Accuracy;
import org.megalab.evaluate.ExampleBatch;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;

/** The answers of random examples; judged by the answers to all validation examples. */
final class ExampleTask extends Task {

  private final TrainableModel model;
  private final ExampleSet data;
  private final RandomExamples order;

  ExampleTask(TrainableModel model, ExampleSet data, TrainingConfig config) {
    this.model = model;
    this.data = data;
    order = new RandomExamples(data.train(), config.batchSize(), config.seed());
    if (config.windowLength() != 0) {
      throw new TrainingException(
          "examples have a length of their own; leave windowLength = "
              + config.windowLength()
              + " out");
    }
    if (model instanceof SequenceModel reader) {
      reader.requireBytes();
    }
    if (model instanceof SequenceClassifier classifier
        && classifier.config().classes() != data.classes().size()) {
      throw new TrainingException(
          "the model has "
              + classifier.config().classes()
              + " classes and "
              + data.name()
              + " has "
              + data.classes().size()
              + "; build the model with as many classes as the data");
    }
  }

  @Override
  Batch batch(long step) {
    return new Rows(order.indices(step), order.batch(step));
  }

  @Override
  boolean evaluates() {
    return data.validation().size() > 0;
  }

  @Override
  @Nullable Score evaluate(BooleanSupplier stop) {
    Accuracy accuracy =
        Accuracy.of(model, data.numbers(), data.classes().size(), data.validation(), stop);
    return accuracy.complete() ? new Score(accuracy.bitsPerByte(), accuracy.value()) : null;
  }

  private final class Rows implements Batch {
    private final int[] indices;
    private final List<Example> rows;

    Rows(int[] indices, List<Example> rows) {
      this.indices = indices;
      this.rows = rows;
    }

    @Override
    public int rows() {
      return rows.size();
    }

    @Override
    public long bytes() {
      return rows.stream().mapToLong(e -> e.input().length + e.target().length).sum();
    }

    private ExampleBatch part(int from, int to) {
      return new ExampleBatch(model, data.numbers(), rows.subList(from, to));
    }

    @Override
    public long targets(int from, int to) {
      return part(from, to).targets();
    }

    @Override
    public NDArray cost(ParameterStore store, int from, int to) {
      return part(from, to).cost(store);
    }

    @Override
    public String origin(int row) {
      return "training example " + indices[row];
    }
  }
}
