package org.megalab.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Example;
import org.megalab.data.Numbers;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;
import org.megalab.torchscript.Script;

/**
 * Examples as a model takes them, padded at their ends to equal length.
 *
 * <pre>
 * language model   reads input and target; only predictions of the target count
 * classifier       reads the input; the target is the number of its class
 * </pre>
 *
 * A language model is causal, so that what pads a row changes nothing that counts; a classifier is
 * told what is padding.
 */
public final class ExampleBatch {

  private static final Script SCRIPT = Script.resource(ExampleBatch.class, "examples");

  private final TrainableModel model;
  private final Numbers numbers;
  private final List<Example> examples;

  /**
   * Creates a batch.
   *
   * @param model reads it
   * @param numbers what the bytes of an input are, for a classifier of numbers
   * @param examples the rows, at least one
   */
  public ExampleBatch(TrainableModel model, Numbers numbers, List<Example> examples) {
    this.model = model;
    this.numbers = numbers;
    this.examples = List.copyOf(examples);
  }

  /** Returns the number of predictions that count: target bytes, or classes. */
  public long targets() {
    return model instanceof SequenceClassifier
        ? examples.size()
        : examples.stream().mapToLong(e -> e.target().length).sum();
  }

  /** Returns the mean cost of what counts, in nats, taking part in autograd. */
  public NDArray cost(ParameterStore store) {
    NDManager manager = store.getManager();
    if (model instanceof SequenceClassifier classifier) {
      NDArray logits = classifier.logits(store, inputs(manager), padding(manager), true);
      return SequenceClassifier.loss(logits, labels(manager), true);
    }
    NDArray loss = ((SequenceModel) model).perByteLoss(store, ids(manager), true);
    return SCRIPT.call("mean", true, loss, counted(manager));
  }

  /** What a model makes of examples: nats and rightness of each. */
  @SuppressWarnings("ArrayRecordComponent")
  record Answers(double[] nats, boolean[] right) {}

  /** Returns the model's answers, without dropout or gradients. */
  Answers answers() {
    try (NDManager manager = model.manager().newSubManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDArray logits; // (B, T, V)
      NDArray ids; // (B, T)
      NDArray counted;
      if (model instanceof SequenceClassifier classifier) {
        logits = classifier.logits(store, inputs(manager), padding(manager), false);
        logits = logits.expandDims(1); // one prediction a row
        ids = labels(manager).expandDims(1);
        counted = manager.ones(ids.getShape());
      } else {
        ids = ids(manager);
        logits = ((SequenceModel) model).logits(store, ids, false);
        counted = counted(manager);
      }
      long[] right = SCRIPT.call("right", false, logits, ids, counted).toLongArray();
      float[] nats = SCRIPT.call("cost", false, logits, ids, counted).toFloatArray();
      Answers answers = new Answers(new double[nats.length], new boolean[nats.length]);
      for (int i = 0; i < nats.length; i++) {
        answers.nats[i] = nats[i];
        answers.right[i] = right[i] == 1;
      }
      return answers;
    }
  }

  private NDArray ids(NDManager manager) {
    int longest = longest(true);
    byte[][] rows = new byte[examples.size()][longest];
    for (int b = 0; b < rows.length; b++) {
      Example example = examples.get(b);
      int from = example.input().length;
      System.arraycopy(example.input(), 0, rows[b], 0, from);
      System.arraycopy(example.target(), 0, rows[b], from, example.target().length);
    }
    return SequenceModel.ids(manager, rows);
  }

  private NDArray counted(NDManager manager) {
    int longest = longest(true);
    float[] counted = new float[examples.size() * longest];
    for (int b = 0; b < examples.size(); b++) {
      Example example = examples.get(b);
      for (int t = 0; t < example.target().length; t++) {
        counted[b * longest + example.input().length + t] = 1;
      }
    }
    return manager.create(counted, new Shape(examples.size(), longest));
  }

  private NDArray inputs(NDManager manager) {
    int steps = longest(false) / width();
    Shape shape = new Shape(examples.size(), steps);
    if (symbols()) {
      long[] ids = new long[examples.size() * steps];
      for (int b = 0; b < examples.size(); b++) {
        byte[] input = examples.get(b).input();
        for (int t = 0; t < input.length; t++) {
          ids[b * steps + t] = input[t] & 0xFF;
        }
      }
      return manager.create(ids, shape);
    }
    float[] values = new float[examples.size() * steps];
    for (int b = 0; b < examples.size(); b++) {
      float[] row = numbers.of(examples.get(b).input());
      System.arraycopy(row, 0, values, b * steps, row.length);
    }
    return manager.create(values, shape);
  }

  /** True where a row is padding; null where no row is padded. */
  private @Nullable NDArray padding(NDManager manager) {
    int steps = longest(false) / width();
    boolean[] padding = new boolean[examples.size() * steps];
    boolean any = false;
    for (int b = 0; b < examples.size(); b++) {
      for (int t = examples.get(b).input().length / width(); t < steps; t++) {
        padding[b * steps + t] = true;
        any = true;
      }
    }
    return any ? manager.create(padding, new Shape(examples.size(), steps)) : null;
  }

  private NDArray labels(NDManager manager) {
    return manager.create(examples.stream().mapToLong(Example::label).toArray());
  }

  private boolean symbols() {
    return ((SequenceClassifier) model).config().input() == ClassifierConfig.Input.SYMBOLS;
  }

  private int width() {
    return symbols() ? 1 : numbers.width();
  }

  private int longest(boolean target) {
    return examples.stream()
        .mapToInt(e -> e.input().length + (target ? e.target().length : 0))
        .max()
        .orElseThrow();
  }
}
