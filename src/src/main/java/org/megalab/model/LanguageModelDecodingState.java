package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.LayerState;

/** A language model in the middle of B sequences. */
public final class LanguageModelDecodingState implements DecodingState {

  private final LanguageModel model;
  private final int batch;
  private final long capacity;
  private final NDManager manager;
  private final ParameterStore store;
  private final DataType type;
  private final LayerState state;
  private @Nullable NDArray next;
  private long position;

  LanguageModelDecodingState(LanguageModel model, int batch, long capacity) {
    this.model = model;
    this.batch = batch;
    this.capacity = capacity;
    manager = model.manager().newSubManager();
    manager.setName("decoding");
    store = new ParameterStore(manager, false);
    type = model.namedParameters().values().iterator().next().getArray().getDataType();
    int steps = (int) Math.min(capacity, Integer.MAX_VALUE);
    state = model.newState(manager, type, batch, steps);
    reset();
  }

  @Override
  public void reset() {
    position = 0;
    try (DecodingStep step = new DecodingStep(manager, this::arrays)) {
      state.clear();
      NDArray none = step.manager().zeros(new Shape(batch, 0), DataType.INT64);
      next = last(model.nextLogits(store, model.start(none, batch), state, false));
    }
  }

  @Override
  public NDArray next() {
    if (next == null) {
      throw new IllegalStateException(
          "the state is full: it holds "
              + capacity
              + " symbols; reset it, or start one with more capacity");
    }
    return next;
  }

  @Override
  public NDArray feed(NDArray ids) {
    long n = DecodingState.checkFeed(ids, batch, position, capacity);
    NDManager caller = ids.getManager();
    try (DecodingStep step = new DecodingStep(manager, this::arrays, ids)) {
      if (n == 0) {
        NDArray none =
            step.manager().zeros(new Shape(batch, 0, model.config().vocabularySize()), type);
        none.attach(caller);
        return none;
      }
      boolean full = position + n == capacity; // then nothing follows the last symbol
      long read = full ? n - 1 : n;
      NDList rows = new NDList(next().expandDims(1));
      if (read > 0) {
        rows.add(model.nextLogits(store, ids.get(":, :{}", read), state, false)); // (B, read, V)
      }
      next = full ? null : last(rows.get(1));
      position += n;
      NDArray all = NDArrays.concat(rows, 1).get(":, :{}", n); // (B, n, V)
      all.attach(caller);
      return all;
    }
  }

  private static NDArray last(NDArray rows) {
    return rows.get(":, -1").duplicate();
  }

  /** What the state holds between steps. */
  private List<NDArray> arrays() {
    return Stream.concat(Stream.ofNullable(next), state.all()).toList();
  }

  /** Returns the bytes of memory that the past takes. */
  public long memoryBytes() {
    return state.all().mapToLong(array -> array.size() * array.getDataType().getNumOfBytes()).sum();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public long capacity() {
    return capacity;
  }

  @Override
  public void close() {
    manager.close();
  }
}
