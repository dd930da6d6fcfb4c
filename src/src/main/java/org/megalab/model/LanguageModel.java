package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.LayerState;
import org.megalab.layer.StreamingLayer;
import org.megalab.torchscript.Script;

/**
 * A language model that reads one symbol a step: an embedding, a stack of causal layers, a head.
 *
 * <pre>
 * h_t      = dropout(scale · E[i_t])             i = start, x_0, …, x_T-2
 * logits_t = W_out · stack(h)_t                  predicts x_t
 * </pre>
 *
 * The references of these models have row t read id t and predict id t + 1: that is {@link
 * #nextLogits}. The common alignment of all models puts the start symbol before the ids.
 *
 * <p>B batch, T length, V vocabulary, D model dimension.
 */
public abstract class LanguageModel extends SequenceModel {

  private static final Script SCRIPT = Script.resource(LanguageModel.class, "language_model");

  private final Vocabulary vocabulary;
  private final Parameter embedding;
  private final Parameter head;
  private final StreamingLayer stack;

  /**
   * The symbols of a language model and how they become vectors.
   *
   * @param size V, the number of symbols that are predicted
   * @param startId the id that stands before the first symbol; −1 for a row of the embedding of its
   *     own, which then has V + 1
   * @param modelDim D
   * @param scale the factor of the embedding; 1, or √D
   * @param tied whether the output matrix is the embedding, without the start's own row
   * @param dropout the probability of dropping embedded values in training
   * @param initializer the distribution of both matrices at first
   */
  public record Vocabulary(
      int size,
      int startId,
      int modelDim,
      double scale,
      boolean tied,
      double dropout,
      Initializer initializer) {

    /** Returns the row of the embedding that stands before the first symbol. */
    int startRow() {
      return startId < 0 ? size : startId;
    }
  }

  /** Creates the embedding, the head and around them the model. */
  protected LanguageModel(Vocabulary vocabulary, StreamingLayer stack) {
    this.vocabulary = vocabulary;
    int rows = vocabulary.startId() < 0 ? vocabulary.size() + 1 : vocabulary.size();
    embedding =
        parameter("embedding.weight", vocabulary.initializer(), rows, vocabulary.modelDim());
    this.stack = addChildBlock("stack", stack);
    head =
        vocabulary.tied()
            ? embedding
            : parameter(
                "head.weight", vocabulary.initializer(), vocabulary.size(), vocabulary.modelDim());
  }

  /**
   * Returns the most ids that one forward pass or one decoding state may hold; {@link
   * Long#MAX_VALUE} where nothing in the model sets a bound.
   */
  protected abstract long longest();

  /** Returns whether what the model remembers of the past is bounded, however long that is. */
  protected abstract boolean boundedState();

  /** Returns whether single steps can be recorded, as {@link StreamingLayer#hasUniformSteps}. */
  final boolean hasUniformSteps() {
    return stack.hasUniformSteps();
  }

  /**
   * Returns the logits (B, T, V) as the references align them: row t has read ids 0 … t and
   * predicts what follows.
   *
   * @param store where the parameters come from
   * @param ids (B, T) int64, rows of the embedding
   * @param state what is known of the ids before, and is brought up to date; null at the beginning.
   *     When the call fails the state is undefined until it is cleared.
   * @param training whether dropout applies and the result takes part in autograd
   */
  public NDArray nextLogits(
      ParameterStore store, NDArray ids, @Nullable LayerState state, boolean training) {
    try (NDArray h = embed(store, ids, training);
        NDArray y = stack.forward(store, h, state, training)) {
      return head(store, y, training);
    }
  }

  @Override
  public NDArray perByteLoss(ParameterStore store, NDArray ids, boolean training) {
    checkIds(ids, longest(), "raise contextLength, or cut the sequence into windows", training);
    try (NDArray inputs = inputs(ids, training)) {
      return cost(store, inputs, ids, null, training);
    }
  }

  /**
   * Begins B streams whose state is carried from call to call, in training too.
   *
   * @param owner what the state's memory belongs to, next to the state itself
   * @param batch B
   * @throws UnsupportedOperationException if the model cannot go on in training, naming those that
   *     can
   */
  public CarriedState newCarriedState(NDManager owner, int batch) {
    if (period() < 1) {
      throw new UnsupportedOperationException(
          config().architecture()
              + ", as it is configured, does not carry a bounded state from step to step; megalodon,"
              + " mega with a chunkSize, s4d and transformer-xl do");
    }
    if (batch < 1) {
      throw new IllegalArgumentException("batch must be positive, got " + batch);
    }
    NDManager manager = owner.newSubManager();
    manager.setName("carried state");
    DataType type = embedding.getArray().getDataType();
    LayerState state = newState(manager, type, batch, Integer.MAX_VALUE);
    return new CarriedState(manager, state, batch, period(), vocabulary.startRow());
  }

  /**
   * Returns the steps after which what the model remembers is cut in the same places again, such as
   * those of a chunk; 1 where it is never cut, 0 where the model cannot go on from a {@link
   * CarriedState}, for which its layers must replace the state's arrays in training.
   */
  protected long period() {
    return 0;
  }

  /**
   * Returns the cost of the next ids of streams: (B, T), in nats. Gradients stay within the call.
   *
   * @param store where the parameters come from
   * @param ids (B, T) int64
   * @param carried what is known of the ids before; it goes on to the end of these. After a failure
   *     it is undefined
   * @param training whether dropout applies and the result takes part in autograd
   */
  public NDArray perByteLoss(
      ParameterStore store, NDArray ids, CarriedState carried, boolean training) {
    checkIds(ids, Long.MAX_VALUE, "", training);
    Shape shape = ids.getShape();
    if (shape.get(0) != carried.batch() || shape.get(1) < 1) {
      throw new IllegalArgumentException(
          "ids must be (" + carried.batch() + ", T) with at least one step, got " + shape);
    }
    return carried.advance(
        ids, training, (inputs, next, state) -> cost(store, inputs, next, state, training));
  }

  /** The cost (B, T) of ids (B, T) where the model reads inputs (B, T) before them. */
  private NDArray cost(
      ParameterStore store,
      NDArray inputs,
      NDArray ids,
      @Nullable LayerState state,
      boolean training) {
    try (NDArray h = embed(store, inputs, training);
        NDArray y = stack.forward(store, h, state, training)) { // (B, T, D)
      return cost(store, y, ids, training);
    }
  }

  /** Returns the cost (B, T) of ids (B, T) under the logits of what leaves the stack, (B, T, D). */
  protected final NDArray cost(ParameterStore store, NDArray y, NDArray ids, boolean training) {
    return SlicedLoss.of(y, ids, vocabulary.size(), training, part -> head(store, part, training));
  }

  /** Returns the vectors (B, T, D) of ids (B, T), rows of the embedding. */
  protected final NDArray embed(ParameterStore store, NDArray ids, boolean training) {
    double dropout = training ? vocabulary.dropout() : 0;
    NDArray table = value(store, embedding, ids, training);
    return SCRIPT.call("embed", training, ids, table, vocabulary.scale(), dropout);
  }

  /** Returns the logits (B, T, V) of what leaves the stack, (B, T, D). */
  protected final NDArray head(ParameterStore store, NDArray y, boolean training) {
    return SCRIPT.call("logits", training, y, value(store, head, y, training), vocabulary.size());
  }

  /**
   * Returns what the model reads to predict ids (B, T): the start symbol, then all but the last.
   */
  protected final NDArray inputs(NDArray ids, boolean training) {
    return SCRIPT.call("shifted", training, ids, vocabulary.startRow());
  }

  @Override
  public NDArray logits(ParameterStore store, NDArray ids, boolean training) {
    checkIds(ids, longest(), "raise contextLength, or cut the sequence into windows", training);
    try (NDArray inputs = inputs(ids, training)) {
      return nextLogits(store, inputs, null, training);
    }
  }

  @Override
  public LanguageModelDecodingState newDecodingState(int batch) {
    return newDecodingState(batch, boundedState() ? Long.MAX_VALUE : config().contextLength());
  }

  /**
   * Starts decoding with room for more or fewer symbols than the context.
   *
   * @param batch B
   * @param capacity the symbols that the state can hold; memory is taken for all of them at once,
   *     unless the model's state is bounded
   */
  public LanguageModelDecodingState newDecodingState(int batch, long capacity) {
    long largest = boundedState() ? Long.MAX_VALUE : Math.min(longest(), Integer.MAX_VALUE);
    if (batch < 1 || capacity < 1 || capacity > largest) {
      throw new IllegalArgumentException(
          "batch must be positive and capacity between 1 and "
              + largest
              + ", got batch "
              + batch
              + " and capacity "
              + capacity);
    }
    return new LanguageModelDecodingState(this, batch, capacity);
  }

  /**
   * Allocates what {@link #nextLogits} carries from one part of B sequences to the next.
   *
   * @param manager owns the arrays
   * @param type the element type of the parameters
   * @param batch B
   * @param capacity the ids that it must be able to hold
   */
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return stack.newState(manager, type, batch, capacity);
  }

  /** Returns what enters the stack to predict ids (B, T), for looking at: (B, T, D). */
  final NDArray embedded(NDArray ids) {
    try (NDArray inputs = SCRIPT.call("shifted", false, ids, vocabulary.startRow())) {
      return SCRIPT.call("embed", false, inputs, embedding.getArray(), vocabulary.scale(), 0.0);
    }
  }

  /** Returns the start symbol's row for each sequence: (B, 1). */
  final NDArray start(NDArray like, int batch) {
    return SCRIPT.call("start", false, like, batch, vocabulary.startRow());
  }
}
