package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.LayerState;
import org.megalab.layer.Place;

/** A language model in the middle of B sequences. */
public final class LanguageModelDecodingState extends AbstractDecodingState {

  private final LanguageModel model;
  private final LayerState state;

  /** The arrays of the state, which stay the same. */
  private final List<NDArray> fixed;

  /** The entries of a cache, at most: of all symbols, or of what is forgotten together. */
  private final long entries;

  LanguageModelDecodingState(LanguageModel model, int batch, long capacity) {
    super(model, batch, capacity);
    this.model = model;
    int longest = (int) Math.min(capacity, Integer.MAX_VALUE);
    entries = model.period() > 0 ? model.period() : longest;
    try {
      state = model.newState(manager, type, batch, longest);
      fixed = state.all().toList();
      reset();
    } catch (RuntimeException e) {
      close(); // what was allocated would stay as long as the model
      throw e;
    }
  }

  @Override
  void begin(NDArray noIds) {
    state.clear();
    setNext(logits(model.start(noIds, batch)));
  }

  /** {@inheritDoc} It stands behind the start symbol. */
  @Override
  void step() {
    long at = position + 1;
    if (model.hasUniformSteps()) {
      steps.takeAt("symbols", at, entries, place -> run(() -> nextSymbol(at, place)));
      state.moveTo(at + 1);
    } else {
      run(() -> setNext(logits(symbol)));
    }
  }

  private void nextSymbol(long at, @Nullable Place place) {
    state.moveTo(at);
    state.at(place, () -> setNext(logits(symbol)));
  }

  private NDArray logits(NDArray ids) {
    try {
      NDArray logits = model.nextLogits(store, ids, state, false); // (B, n, V)
      state.settle(fixed);
      return logits;
    } finally {
      state.restore(fixed);
    }
  }

  @Override
  NDArray read(NDArray ids, long n) {
    boolean full = position + n == capacity(); // then nothing follows the last symbol
    long ahead = full ? n - 1 : n;
    NDArray row = nextRow(ids.getManager()); // (B, 1, V)
    NDArray rows = logits(ids.get(":, :{}", ahead)); // (B, ahead, V)
    if (!full) {
      setNext(rows);
    }
    position += n;
    return NDArrays.concat(new NDList(row, rows), 1).get(":, :{}", n); // (B, n, V)
  }

  @Override
  Stream<NDArray> held() {
    return fixed.stream();
  }

  /** Returns the bytes of memory that the past takes. */
  public long memoryBytes() {
    return state.all().mapToLong(array -> array.size() * array.getDataType().getNumOfBytes()).sum();
  }
}
