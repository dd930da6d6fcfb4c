package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.megalab.torchscript.Tensors;

/**
 * What all decoding states share: the memory of the state and of its steps, the logits of the next
 * symbol, and that a state which failed half-way through symbols is not used before it is reset.
 *
 * <p>A single symbol is read by a step that works on fixed arrays and can be recorded.
 */
abstract class AbstractDecodingState implements DecodingState {

  final int batch;
  final NDManager manager;

  /** Where the parameters come from; a test exchanges it. */
  ParameterStore store;

  final DataType type;

  /** What single symbols are read by. */
  final RecordedSteps steps;

  /** The symbol (B, 1) that a step reads, int64. */
  final NDArray symbol;

  /** The symbols read so far, without the one under way. */
  long position;

  /** The logits (B, V) of the next symbol, unless the state is full. */
  private final NDArray next;

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
    next = manager.zeros(new Shape(batch, vocabularySize), type);
    symbol = manager.zeros(new Shape(batch, 1), DataType.INT64);
    steps = new RecordedSteps(manager, model.practice(batch));
    manager.attachInternal(NDManager.nextUid(), steps); // ends with the model, if not before
  }

  /**
   * Brings everything but {@link #position} to the beginning and calls {@link #setNext}.
   *
   * @param noIds (B, 0) int64, owned by the step
   */
  abstract void begin(NDArray noIds);

  /**
   * Reads {@link #symbol}, after which there is room for more, and calls {@link #setNext}; fixed
   * arrays hold what it leaves.
   */
  abstract void step();

  /**
   * Reads ids (B, n), n at least 2, for which there is room; brings {@link #position} up to date,
   * and calls {@link #setNext} where more can follow. One after the other, unless a subclass knows
   * better.
   *
   * @return the logits (B, n, V) that were there before each of them
   */
  NDArray read(NDArray ids, long n) {
    NDList rows = new NDList();
    for (long t = 0; t < n; t++) {
      rows.add(nextRow(ids.getManager()));
      Tensors.assign(symbol, ids.get(":, {}:{}", t, t + 1));
      readSymbol();
    }
    return NDArrays.concat(rows, 1); // (B, n, V)
  }

  /** Returns the other arrays that live on between steps; some may be replaced. */
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
    if (position == capacity) {
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
    if (n == 1) {
      NDArray row = nextRow(caller); // (B, 1, V)
      readOne(() -> Tensors.assign(symbol, ids));
      return row;
    }
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

  @Override
  public final void read(byte[]... rows) {
    requireWhole();
    int n = rows.length == 0 ? 0 : rows[0].length;
    if (rows.length != batch || Arrays.stream(rows).anyMatch(row -> row.length != n)) {
      throw new IllegalArgumentException(
          "the state reads "
              + batch
              + " rows of equal length, got lengths "
              + Arrays.toString(Arrays.stream(rows).mapToInt(row -> row.length).toArray()));
    }
    if (n == 1 && position < capacity && areSymbols(rows)) {
      long[] ids = Arrays.stream(rows).mapToLong(row -> row[0] & 0xFF).toArray();
      readOne(() -> Tensors.set(symbol, ids));
      return;
    }
    try (NDManager scope = manager.newSubManager()) {
      feed(SequenceModel.ids(scope, rows)).close(); // which says what is wrong
    }
  }

  /** Whether all rows of one byte are symbols. */
  private boolean areSymbols(byte[][] rows) {
    return Arrays.stream(rows).allMatch(row -> (row[0] & 0xFF) < vocabularySize);
  }

  /** Reads one symbol, which is all that a call reads. */
  private void readOne(Runnable intoSymbol) {
    whole = false;
    intoSymbol.run();
    readSymbol();
    whole = true;
  }

  /** Reads {@link #symbol}, for which there is room. */
  private void readSymbol() {
    if (position + 1 < capacity) { // else nothing follows it
      step();
    }
    position++;
  }

  /** Runs a part of a step; what it computes on the way is freed. */
  final void run(Runnable part) {
    DecodingStep step = new DecodingStep(manager, this::arrays);
    try {
      part.run();
    } finally {
      step.close();
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

  /** Returns a copy (B, 1, V) of the logits of the next symbol. */
  final NDArray nextRow(NDManager owner) {
    try (NDArray view = next.expandDims(1)) {
      NDArray row = view.duplicate();
      row.attach(owner);
      return row;
    }
  }

  /** Sets the logits of the next symbol: the last of rows (B, T, V). */
  final void setNext(NDArray rows) {
    Tensors.assign(next, rows.get(":, -1"));
  }

  private void requireWhole() {
    if (!whole) {
      throw new IllegalStateException(
          "an earlier call failed half-way through its symbols, such as for want of memory; reset"
              + " the state and feed them again");
    }
  }

  private List<NDArray> arrays() {
    return Stream.concat(Stream.of(symbol, next), held()).toList();
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
