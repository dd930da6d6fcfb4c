package org.megalab.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.megalab.model.DecodingState;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Tensors;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What the library relies on in a model, measured with random bytes: to be run on an architecture
 * or a layer of one's own before it is trained.
 *
 * <pre>
 * causality   another byte t changes no logits of bytes 0 … t (which see what comes before)
 * memory      it does change logits of later bytes
 * streaming   feeding bytes in pieces gives the logits of one pass
 * gradients   every trainable parameter gets one that is finite and not all zero
 * text form   the configuration is read back from its JSON as it was written
 * </pre>
 *
 * Differences are given as shares of the largest logit. A model that fails one of the first trains
 * to costs that are too good to be true; one that fails the third generates other text than it
 * learned.
 */
public final class ModelChecks {

  private static final int ROWS = 2;
  private static final int LONGEST = 96;

  /** A layer with a transform over time, such as an FFT, rounds all steps by all others. */
  private static final double ROUNDING = 1e-4;

  private final SequenceModel model;
  private final NDManager manager;
  private final int length;
  private final int[] ids;
  private final Random random;
  private final StringColumn check = StringColumn.create("check");
  private final DoubleColumn measured = DoubleColumn.create("measured");
  private final StringColumn needed = StringColumn.create("needed");
  private final BooleanColumn passed = BooleanColumn.create("passed");

  private ModelChecks(SequenceModel model, NDManager manager, long seed) {
    this.model = model;
    this.manager = manager;
    this.length = Math.min(LONGEST, model.config().contextLength());
    this.random = new Random(seed);
    this.ids = random.ints((long) ROWS * length, 0, model.config().vocabularySize()).toArray();
  }

  /**
   * Runs all checks on an initialised model. Its parameters stay as they are; their gradients are
   * zero afterwards.
   *
   * @param seed decides the bytes
   * @return one row a check: what was measured, what is needed, and whether it passed
   */
  public static Table of(SequenceModel model, long seed) {
    try (NDManager manager = model.manager().newSubManager()) {
      ModelChecks checks = new ModelChecks(model, manager, seed);
      checks.causality();
      checks.streaming();
      checks.gradients();
      checks.textForm();
      return Table.create(
          "checks of " + model.config().architecture(),
          checks.check,
          checks.measured,
          checks.needed,
          checks.passed);
    }
  }

  private void row(String name, double value, String what, boolean good) {
    check.append(name);
    measured.append(value);
    needed.append(what);
    passed.append(good);
  }

  private NDArray array(int[] values) {
    return manager.create(Arrays.stream(values).asLongStream().toArray(), new Shape(ROWS, length));
  }

  private void causality() {
    int symbols = model.config().vocabularySize();
    float[] before = model.logits(array(ids)).toFloatArray();
    double scale = largest(before);
    double earlier = 0;
    double later = Double.POSITIVE_INFINITY;
    for (int t : new int[] {0, length / 3, length - 2}) {
      int[] changed = ids.clone();
      for (int row = 0; row < ROWS; row++) {
        int at = row * length + t;
        changed[at] = (changed[at] + 1 + random.nextInt(symbols - 1)) % symbols;
      }
      float[] after = model.logits(array(changed)).toFloatArray();
      double reached = 0;
      for (int i = 0; i < after.length; i++) {
        double change = Math.abs((double) after[i] - before[i]) / scale;
        if (i / symbols % length <= t) {
          earlier = Math.max(earlier, change);
        } else {
          reached = Math.max(reached, change);
        }
      }
      later = Math.min(later, reached);
    }
    row("causality", earlier, "at most " + ROUNDING, earlier <= ROUNDING);
    row("memory", later, "above " + ROUNDING, later > ROUNDING);
  }

  private void streaming() {
    NDArray all = array(ids);
    float[] whole = model.logits(all).toFloatArray();
    List<NDArray> pieces = new ArrayList<>();
    try (DecodingState state = model.newDecodingState(ROWS)) {
      for (int from = 0; from < length; ) {
        int to = Math.min(length, from + 1 + random.nextInt(length / 4 + 1));
        pieces.add(state.feed(all.get(":, " + from + ":" + to)));
        from = to;
      }
    }
    float[] fed = NDArrays.concat(new NDList(pieces), 1).toFloatArray();
    double worst = 0;
    double scale = largest(whole);
    for (int i = 0; i < whole.length; i++) {
      worst = Math.max(worst, Math.abs((double) whole[i] - fed[i]) / scale);
    }
    row("streaming", worst, "at most " + ROUNDING, worst <= ROUNDING);
  }

  private void gradients() {
    List<Parameter> trained =
        model.namedParameters().values().stream().filter(Parameter::requiresGradient).toList();
    for (Parameter parameter : trained) {
      parameter.getArray().setRequiresGradient(true);
    }
    zeroGradients(trained);
    try (Autograd autograd = new Autograd()) {
      ParameterStore store = new ParameterStore(manager, false);
      autograd.backward(model.perByteLoss(store, array(ids), true).mean());
    }
    int without = 0;
    for (Parameter parameter : trained) {
      try (NDArray gradient = parameter.getArray().getGradient();
          NDArray norm = gradient.norm()) {
        double size = norm.toType(DataType.FLOAT64, false).getDouble();
        without += size > 0 && size < Double.POSITIVE_INFINITY ? 0 : 1;
      }
    }
    zeroGradients(trained);
    row("parameters without gradient", without, "0", without == 0);
  }

  private static void zeroGradients(List<Parameter> parameters) {
    try (NDList gradients = new NDList()) {
      parameters.forEach(parameter -> gradients.add(parameter.getArray().getGradient()));
      Tensors.zero(gradients);
    }
  }

  private void textForm() {
    boolean same;
    try {
      same = ModelConfig.fromJson(model.config().toJson()).equals(model.config());
    } catch (IllegalArgumentException e) {
      same = false; // not registered, or a value that its own constructor refuses
    }
    row("text form", same ? 1 : 0, "1", same);
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return Math.max(largest, Double.MIN_NORMAL);
  }
}
