package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What all decoding states share: the memory of the state and of its steps, the logits of the next
 * symbol, and that a state which failed half-way through symbols is not used before it is reset.
 */
abstract class AbstractDecodingState implements DecodingState {

  final int batch;
  final NDManager manager;
  final ParameterStore store;
  final DataType type;

  /** The logits (B, V) of the next symbol; null when the state is full. */
  @Nullable NDArray next;

  long position;

  private final long capacity;
  private final int vocabularySize;

  /** Whether the state is that of whole symbols. */
  private boolean whole;

  AbstractDecodingState(SequenceModel model, int batch, long capacity) {
    this.batch = batch;
    this.capacity = capacity;
    vocabularySize = model.config().vocabularySize();
    manager = model.manager().newSubManager();
    manager.setName("decoding");
    store = new ParameterStore(manager, false);
    type = model.namedParameters().values().iterator().next().getArray().getDataType();
  }

  /**
   * Brings everything but {@link #position} to the beginning and sets {@link #next}.
   *
   * @param noIds (B, 0) int64, owned by the step
   */
  abstract void begin(NDArray noIds);

  /**
   * Reads ids (B, n), n at least 1, for which there is room; brings {@link #position} and {@link
   * #next} up to date.
   *
   * @return the logits (B, n, V) that were there before each of them
   */
  abstract NDArray read(NDArray ids, long n);

  /** Returns the arrays, next to {@link #next}, that live on between steps and may be replaced. */
  abstract Stream<NDArray> held();

  @Override
  public final void reset() {
    whole = false;
    position = 0;
    try (DecodingStep step = new DecodingStep(manager, this::arrays)) {
      begin(step.manager().zeros(new Shape(batch, 0), DataType.INT64));
    }
    whole = true;
  }

  @Override
  public final NDArray next() {
    requireWhole();
    if (next == null) {
      throw new IllegalStateException(
          "the state is full: it holds "
              + capacity
              + " symbols; reset it, or start one with more capacity");
    }
    return next;
  }

  @Override
  public final NDArray feed(NDArray ids) {
    requireWhole();
    long n = check(ids);
    NDManager caller = ids.getManager();
    try (DecodingStep step = new DecodingStep(manager, this::arrays, ids)) {
      NDArray rows; // (B, n, V)
      if (n == 0) {
        rows = step.manager().zeros(new Shape(batch, 0, vocabularySize), type);
      } else {
        whole = false;
        rows = read(ids, n);
        whole = true;
      }
      rows.attach(caller);
      return rows;
    }
  }

  /** Checks ids (B, n) against the state and returns n. */
  private long check(NDArray ids) {
    Shape shape = ids.getShape();
    if (shape.dimension() != 2 || shape.get(0) != batch || ids.getDataType() != DataType.INT64) {
      throw new IllegalArgumentException(
          "ids must be (" + batch + ", n) of int64, got " + shape + " of " + ids.getDataType());
    }
    long n = shape.get(1);
    if (n > capacity - position) {
      throw new IllegalArgumentException(
          "the state holds "
              + position
              + " of "
              + capacity
              + " symbols and has no room for "
              + n
              + " more; reset it, or start one with more capacity");
    }
    SequenceModel.checkSymbols(ids, vocabularySize);
    return n;
  }

  /** Returns the logits (B, 1, V) of the next symbol. */
  final NDArray nextRow() {
    return Objects.requireNonNull(next).expandDims(1);
  }

  /** Returns the last row (B, V) of rows (B, T, V), for the state to keep. */
  static NDArray last(NDArray rows) {
    return rows.get(":, -1").duplicate();
  }

  private void requireWhole() {
    if (!whole) {
      throw new IllegalStateException(
          "an earlier call failed half-way through its symbols, such as for want of memory; reset"
              + " the state and feed them again");
    }
  }

  private List<NDArray> arrays() {
    return Stream.concat(Stream.ofNullable(next), held()).toList();
  }

  @Override
  public final long position() {
    return position;
  }

  @Override
  public final long capacity() {
    return capacity;
  }

  @Override
  public final void close() {
    manager.close();
  }
}
