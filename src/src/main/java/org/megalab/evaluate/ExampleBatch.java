package org.megalab.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Example;
import org.megalab.data.Numbers;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

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
    int longest = longest();
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
    int longest = longest();
    float[] counted = new float[examples.size() * longest];
    for (int b = 0; b < examples.size(); b++) {
      Example example = examples.get(b);
      for (int t = 0; t < example.target().length; t++) {
        counted[b * longest + example.input().length + t] = 1;
      }
    }
    return Tensors.upload(
        manager, host -> host.create(counted, new Shape(examples.size(), longest)));
  }

  private NDArray inputs(NDManager manager) {
    List<byte[]> parts = parts();
    int steps = longestPart();
    Shape shape = new Shape(examples.size(), (long) parts.size() / examples.size() * steps);
    if (symbols()) {
      long[] ids = new long[parts.size() * steps];
      for (int i = 0; i < parts.size(); i++) {
        byte[] part = parts.get(i);
        for (int t = 0; t < part.length; t++) {
          ids[i * steps + t] = part[t] & 0xFF;
        }
      }
      return Tensors.longs(manager, ids, shape);
    }
    float[] values = new float[parts.size() * steps];
    for (int i = 0; i < parts.size(); i++) {
      float[] row = numbers.of(parts.get(i));
      System.arraycopy(row, 0, values, i * steps, row.length);
    }
    return Tensors.upload(manager, host -> host.create(values, shape));
  }

  /** True where a row is padding; null where no row is padded. */
  private @Nullable NDArray padding(NDManager manager) {
    List<byte[]> parts = parts();
    int steps = longestPart();
    boolean[] padding = new boolean[parts.size() * steps];
    boolean any = false;
    for (int i = 0; i < parts.size(); i++) {
      for (int t = parts.get(i).length / width(); t < steps; t++) {
        padding[i * steps + t] = true;
        any = true;
      }
    }
    long columns = (long) parts.size() / examples.size() * steps;
    Shape shape = new Shape(examples.size(), columns);
    return any ? Tensors.upload(manager, host -> host.create(padding, shape)) : null;
  }

  /** The sequences that are padded: the inputs, or the first and the second part of each. */
  private List<byte[]> parts() {
    if (!((SequenceClassifier) model).config().pair()) {
      return examples.stream().map(Example::input).toList();
    }
    List<byte[]> parts = new ArrayList<>();
    for (Example example : examples) {
      byte[] input = example.input();
      int border = 0;
      while (border < input.length && input[border] != 0) {
        border++;
      }
      if (border == 0 || border >= input.length - 1) {
        throw new IllegalArgumentException(
            "a classifier of pairs needs inputs of two parts with a zero byte between them; got one of "
                + input.length
                + " bytes without");
      }
      parts.add(Arrays.copyOf(input, border));
      parts.add(Arrays.copyOfRange(input, border + 1, input.length));
    }
    return parts;
  }

  private int longestPart() {
    return parts().stream().mapToInt(part -> part.length / width()).max().orElseThrow();
  }

  private NDArray labels(NDManager manager) {
    long[] labels = examples.stream().mapToLong(Example::label).toArray();
    return Tensors.longs(manager, labels, new Shape(labels.length));
  }

  private boolean symbols() {
    return ((SequenceClassifier) model).config().input() == ClassifierConfig.Input.SYMBOLS;
  }

  private int width() {
    return symbols() ? 1 : numbers.width();
  }

  private int longest() {
    return examples.stream()
        .mapToInt(e -> e.input().length + e.target().length)
        .max()
        .orElseThrow();
  }
}
