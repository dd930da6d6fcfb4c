package org.megalab.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.EncoderStack;
import org.megalab.layer.Initializers;
import org.megalab.layer.Linear;
import org.megalab.torchscript.Script;

/**
 * A classifier of whole sequences, as MEGA and MEGALODON classify images, audio and text:
 *
 * <pre>
 * e_t    = E[x_t]  (symbols)   or   x_t · w + b  (real numbers)
 * p      = mean over the steps t that are no padding of encoder(e)_t
 * logits = W_2 gelu(W_1 p + b_1)
 * </pre>
 *
 * B batch, T length, D model dimension, C classes. The input is (B, T): int64 symbols, or real
 * numbers such as pixels or samples, without positions added.
 *
 * <p>A classifier of pairs, as for the Long Range Arena's retrieval, reads (B, 2T): the first T
 * steps of a row are one sequence and the rest is the other. Each is encoded and averaged by
 * itself, as a row of its own, and p is one mean beside the other, 2D wide.
 *
 * <p>The common mistake is a mean that counts the padding; of a pair, each half is padded to T.
 */
public final class SequenceClassifier extends TrainableModel {

  private static final Script SCRIPT =
      Script.resource(SequenceClassifier.class, "sequence_classifier");

  private final ClassifierConfig config;
  private final EncoderStack encoder;
  private final Parameter inputWeight;
  private final @Nullable Parameter inputBias;
  private final Parameter hiddenWeight;
  private final Parameter hiddenBias;
  private final Parameter outWeight;

  /** Creates the model, without memory for its parameters yet. */
  public SequenceClassifier(ClassifierConfig config) {
    this.config = config;
    int dim = config.encoder().modelDim();
    boolean real = config.input() == ClassifierConfig.Input.REAL;
    double std = 1 / Math.sqrt((double) dim);
    inputWeight =
        real
            ? parameter("input.weight", new NormalInitializer(1f), dim)
            : parameter(
                "input.weight",
                Initializers.truncatedNormal(std, 3 * std),
                config.encoder().vocabularySize(),
                dim);
    inputBias = real ? parameter("input.bias", new NormalInitializer(0.1f), dim) : null;
    encoder = addChildBlock("encoder", config.encoder().newEncoder());
    int hidden = config.hiddenDim();
    int pooled = config.pair() ? 2 * dim : dim;
    hiddenWeight = parameter("hidden.weight", Linear.uniform(pooled), hidden, pooled);
    hiddenBias = parameter("hidden.bias", Initializer.ZEROS, hidden);
    outWeight = parameter("out.weight", Linear.uniform(hidden), config.classes(), hidden);
  }

  @Override
  public ClassifierConfig config() {
    return config;
  }

  /**
   * Returns the logits (B, C).
   *
   * @param store where the parameters come from
   * @param x (B, T), or (B, 2T) for pairs: int64 symbols, or real numbers
   * @param padding of the same shape and boolean, true where a step is padding; null where there is
   *     none. Each sequence keeps at least one step
   * @param training whether dropout applies and the result takes part in autograd
   * @throws IllegalArgumentException if the input has another shape or element type
   */
  public NDArray logits(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    check(x, padding);
    if (config.pair()) {
      x = halves(x); // (2B, T), the two of a pair one after the other
      padding = padding == null ? null : halves(padding);
    }
    NDList mask = padding == null ? new NDList() : new NDList(padding);
    NDArray weight = value(store, inputWeight, x, training);
    try (NDArray e =
            inputBias == null
                ? SCRIPT.call("symbols", training, x, weight)
                : SCRIPT.call(
                    "numbers", training, x, weight, value(store, inputBias, x, training));
        NDArray h = encoder.encode(store, e, padding, training)) { // (B, T, D)
      return SCRIPT.call(
          "classify",
          training,
          h,
          value(store, hiddenWeight, x, training),
          value(store, hiddenBias, x, training),
          value(store, outWeight, x, training),
          mask);
    }
  }

  /** Returns rows (B, 2T) cut in half: (2B, T). */
  private static NDArray halves(NDArray rows) {
    return rows.reshape(2 * rows.getShape().get(0), rows.getShape().get(1) / 2);
  }

  private void check(NDArray x, @Nullable NDArray padding) {
    boolean symbols = config.input() == ClassifierConfig.Input.SYMBOLS;
    boolean typed = symbols == (x.getDataType() == DataType.INT64);
    if (x.getShape().dimension() != 2 || !typed) {
      throw new IllegalArgumentException(
          "the input must be (B, T) of "
              + (symbols ? "int64 symbols" : "real numbers")
              + ", got "
              + x.getShape()
              + " of "
              + x.getDataType());
    }
    if (config.pair() && x.getShape().get(1) % 2 != 0) {
      throw new IllegalArgumentException(
          "a pair is two sequences of equal length in one row, got "
              + x.getShape()
              + "; pad each of them to the longer one's length");
    }
    if (symbols) {
      SequenceModel.checkSymbols(x, config.encoder().vocabularySize());
    }
    if (padding != null
        && (!padding.getShape().equals(x.getShape())
            || padding.getDataType() != DataType.BOOLEAN)) {
      throw new IllegalArgumentException(
          "the padding must be boolean and of the input's shape "
              + x.getShape()
              + ", got "
              + padding.getShape()
              + " of "
              + padding.getDataType());
    }
  }

  /** Returns the logits (B, C), for looking at: without dropout or gradients. */
  public NDArray logits(NDArray x) {
    return logits(new ParameterStore(x.getManager(), false), x, null, false);
  }

  /**
   * Returns the mean cross entropy in nats of logits (B, C) against labels (B) int64.
   *
   * @param training whether the result takes part in autograd
   */
  public static NDArray loss(NDArray logits, NDArray labels, boolean training) {
    return SCRIPT.call("loss", training, logits, labels);
  }

  /** Returns the share of rows whose largest logit is that of the label. */
  public static double accuracy(NDArray logits, NDArray labels) {
    try (NDArray share = SCRIPT.call("accuracy", false, logits, labels)) {
      return share.toType(DataType.FLOAT64, false).getDouble();
    }
  }

  @Override
  public SequenceClassifier initialize(Device device, long seed) {
    super.initialize(device, seed);
    return this;
  }

  @Override
  Shape inputShape() {
    return new Shape(1, 1);
  }

  /** {@inheritDoc} The inputs are x and, optionally, the padding. */
  @Override
  protected NDList forwardInternal(
      ParameterStore store,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDArray padding = inputs.size() > 1 ? inputs.get(1) : null;
    return new NDList(logits(store, inputs.get(0), padding, training));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), config.classes())};
  }
}
