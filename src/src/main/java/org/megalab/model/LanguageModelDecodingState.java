package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.stream.Stream;
import org.megalab.layer.LayerState;

/** A language model in the middle of B sequences. */
public final class LanguageModelDecodingState extends AbstractDecodingState {

  private final LanguageModel model;
  private final LayerState state;

  LanguageModelDecodingState(LanguageModel model, int batch, long capacity) {
    super(model, batch, capacity);
    this.model = model;
    int steps = (int) Math.min(capacity, Integer.MAX_VALUE);
    try {
      state = model.newState(manager, type, batch, steps);
      reset();
    } catch (RuntimeException e) {
      close(); // what was allocated would stay as long as the model
      throw e;
    }
  }

  @Override
  void begin(NDArray noIds) {
    state.clear();
    next = last(model.nextLogits(store, model.start(noIds, batch), state, false));
  }

  @Override
  NDArray read(NDArray ids, long n) {
    boolean full = position + n == capacity(); // then nothing follows the last symbol
    long ahead = full ? n - 1 : n;
    NDList rows = new NDList(nextRow()); // (B, 1, V)
    if (ahead > 0) {
      rows.add(model.nextLogits(store, ids.get(":, :{}", ahead), state, false)); // (B, ahead, V)
    }
    next = full ? null : last(rows.get(1));
    position += n;
    return NDArrays.concat(rows, 1).get(":, :{}", n); // (B, n, V)
  }

  @Override
  Stream<NDArray> held() {
    return state.all();
  }

  /** Returns the bytes of memory that the past takes. */
  public long memoryBytes() {
    return state.all().mapToLong(array -> array.size() * array.getDataType().getNumOfBytes()).sum();
  }
}
