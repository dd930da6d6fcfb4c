package org.megalab.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/**
 * A model of sequences of symbols: an ordinary DJL block from ids (B, T) to logits (B, T, V), with
 * one alignment for every architecture.
 *
 * <p>Row t of the logits predicts id t from the ids before it, so that losses need no shift. B
 * batch, T length, V vocabulary. Ids are int64.
 *
 * <pre>
 * try (SequenceModel model = MegabyteConfig.preset("tiny").newModel().initialize(Device.cpu(), 1)) {
 *   try (NDManager step = model.manager().newSubManager()) { // owns what is computed in it
 *     NDArray ids = SequenceModel.ids(step, "hello".getBytes(UTF_8));
 *     double bits = model.perByteLoss(ids).mean().getFloat() / Math.log(2);
 *   }
 * }
 * </pre>
 */
public abstract class SequenceModel extends TrainableModel {

  private static final Script LOSS = Script.resource(SequenceModel.class, "loss");

  private static final Script IDS = Script.resource(SequenceModel.class, "ids");

  /** Tables beside the layers, and learned positions among them. */
  private static final Pattern EMBEDDING =
      Pattern.compile(
          "((levels|stages)\\.\\d+\\.)?\\w*([eE]mbedding|[pP]osition|head)\\.(weight|bias)"
              + "|(.*\\.)?positions\\.weight");

  /** How often the steps of decoding states were run, by the number of sequences. */
  private final Map<Integer, Map<Object, Integer>> practice = new ConcurrentHashMap<>();

  @Override
  public abstract ModelConfig config();

  /**
   * Returns the logits (B, T, V); row t predicts id t from the ids before it.
   *
   * @param store where the parameters come from
   * @param ids (B, T) int64
   * @param training whether dropout applies and the result takes part in autograd
   * @throws IllegalArgumentException if the ids are not (B, T), longer than the model can take, or
   *     not all symbols; in training on a GPU the last is not checked
   */
  public abstract NDArray logits(ParameterStore store, NDArray ids, boolean training);

  /**
   * Starts decoding: the model's state before the first symbol of each of B sequences.
   *
   * @param batch B
   */
  public abstract DecodingState newDecodingState(int batch);

  /**
   * Returns the cost of each id given the ids before it: (B, T), in nats.
   *
   * <pre>
   * loss[b, t] = -log softmax(logits[b, t])[ids[b, t]]
   * </pre>
   *
   * @param store where the parameters come from
   * @param ids (B, T) int64
   * @param training whether dropout applies and the result takes part in autograd
   */
  public NDArray perByteLoss(ParameterStore store, NDArray ids, boolean training) {
    try (NDArray logits = logits(store, ids, training)) {
      return crossEntropy(logits, ids, training);
    }
  }

  /** Returns the cost (B, T) in nats of ids (B, T) under logits (B, T, V). */
  public static NDArray crossEntropy(NDArray logits, NDArray ids, boolean training) {
    return LOSS.call("per_byte", training, logits, ids);
  }

  /** Returns the logits (B, T, V) of ids (B, T), for looking at: without dropout or gradients. */
  public final NDArray logits(NDArray ids) {
    return logits(new ParameterStore(ids.getManager(), false), ids, false);
  }

  /** Returns the cost (B, T) in nats of ids (B, T), without dropout or gradients. */
  public final NDArray perByteLoss(NDArray ids) {
    return perByteLoss(new ParameterStore(ids.getManager(), false), ids, false);
  }

  @Override
  public final SequenceModel initialize(Device device, long seed) {
    super.initialize(device, seed);
    return this;
  }

  @Override
  final Shape inputShape() {
    return new Shape(1, config().contextLength());
  }

  /**
   * Returns how many of the parameters are embeddings, as Kaplan et al. 2020 count them: tables of
   * symbols and of positions, and the output matrix. They are recognised by their names.
   */
  public final long embeddingParameterCount() {
    return namedParameters().entrySet().stream()
        .filter(entry -> EMBEDDING.matcher(entry.getKey()).matches())
        .mapToLong(entry -> entry.getValue().getShape().size())
        .sum();
  }

  /**
   * Returns bytes as ids (B, T) int64 on the manager's device, owned by the manager.
   *
   * @param rows sequences of equal length, at least one
   */
  public static NDArray ids(NDManager manager, byte[]... rows) {
    if (rows.length == 0) {
      throw new IllegalArgumentException("a batch needs at least one row of bytes");
    }
    int length = rows[0].length;
    long[] ids = new long[rows.length * length];
    for (int b = 0; b < rows.length; b++) {
      if (rows[b].length != length) {
        throw new IllegalArgumentException(
            "row "
                + b
                + " has "
                + rows[b].length
                + " bytes and row 0 has "
                + length
                + "; rows of one batch are of equal length");
      }
      for (int t = 0; t < length; t++) {
        ids[b * length + t] = rows[b][t] & 0xff;
      }
    }
    return Tensors.longs(manager, ids, new Shape(rows.length, length));
  }

  /**
   * Checks that the model's symbols include all bytes.
   *
   * @throws IllegalArgumentException if the vocabulary is smaller than 256
   */
  public final void requireBytes() {
    if (config().vocabularySize() < 256) {
      throw new IllegalArgumentException(
          "bytes are 256 symbols, and the model has vocabularySize = " + config().vocabularySize());
    }
  }

  /** A list of one array, or of none where the configuration has no such parameter. */
  static NDList optional(
      ParameterStore store, @Nullable Parameter parameter, NDArray like, boolean training) {
    return parameter == null ? new NDList() : new NDList(value(store, parameter, like, training));
  }

  /**
   * Checks ids before they are looked up: (B, T) symbols, with T at most the longest that the model
   * takes. In training on a GPU their values are not looked at, since that would wait for it; an id
   * outside the vocabulary is then the end of that GPU for the process.
   *
   * @param remedy what to do about a longer sequence
   */
  protected final void checkIds(NDArray ids, long longest, String remedy, boolean training) {
    Shape shape = ids.getShape();
    if (shape.dimension() != 2 || ids.getDataType() != DataType.INT64) {
      throw new IllegalArgumentException(
          "ids must be (B, T) of int64, got " + shape + " of " + ids.getDataType());
    }
    if (shape.get(1) > longest) {
      throw new IllegalArgumentException(
          "the sequence has "
              + shape.get(1)
              + " bytes and the model takes at most "
              + longest
              + "; "
              + remedy);
    }
    if (!training || !ids.getDevice().isGpu()) {
      checkSymbols(ids, config().vocabularySize());
    }
  }

  /** Returns how often each step of its decoding states was run with B sequences. */
  final Map<Object, Integer> practice(int batch) {
    return practice.computeIfAbsent(batch, b -> new ConcurrentHashMap<>());
  }

  /**
   * Checks that all ids (B, T) are symbols.
   *
   * @throws IllegalArgumentException naming the first that is none
   */
  static void checkSymbols(NDArray ids, int vocabularySize) {
    try (NDArray outside = IDS.call("outside", false, ids, vocabularySize)) {
      if (outside.getLong() == 0) {
        return;
      }
    }
    long[] all = ids.toLongArray();
    int i = 0;
    while (all[i] >= 0 && all[i] < vocabularySize) {
      i++;
    }
    long length = ids.getShape().get(1);
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "the id %d, number %d of row %d, is no symbol: vocabularySize = %d allows 0 … %d; take"
                + " such ids out, or raise vocabularySize",
            all[i],
            i % length,
            i / length,
            vocabularySize,
            vocabularySize - 1));
  }

  @Override
  protected final NDList forwardInternal(
      ParameterStore store,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    return new NDList(logits(store, inputs.singletonOrThrow(), training));
  }

  @Override
  public final Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0].add(config().vocabularySize())};
  }
}
