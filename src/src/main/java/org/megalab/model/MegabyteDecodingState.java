package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.LayerState;

/**
 * MEGABYTE in the middle of B sequences (section 6.1 of the specification): the global model
 * advances once a patch, the local model once a byte. Whole patches that are fed at once go through
 * both models in parallel.
 */
public final class MegabyteDecodingState implements DecodingState {

  private final Megabyte model;
  private final int batch;
  private final int patch;
  private final long capacity;
  private final NDManager manager;
  private final ParameterStore store;
  private final LayerState globalState;
  private final LayerState localState;

  /** The global output (B, 1, P*D_G) for the patch under way. */
  private @Nullable NDArray globalOutput;

  /** The bytes (B, p) of the patch under way. */
  private @Nullable NDArray pending;

  private @Nullable NDArray next;
  private long position;

  MegabyteDecodingState(Megabyte model, int batch, int capacity) {
    this.model = model;
    this.batch = batch;
    this.capacity = capacity;
    patch = model.config().patchSize();
    manager = model.manager().newSubManager();
    manager.setName("decoding");
    store = new ParameterStore(manager, false);
    DataType type = model.namedParameters().values().iterator().next().getArray().getDataType();
    int patches = (capacity + patch - 1) / patch;
    globalState = model.global().newState(manager, type, batch, patches);
    localState = model.local().newState(manager, type, batch, patch);
    reset();
  }

  @Override
  public void reset() {
    globalState.clear();
    position = 0;
    try (DecodingStep step = new DecodingStep(manager, this::arrays)) {
      NDArray noIds = step.manager().zeros(new Shape(batch, 0), DataType.INT64);
      Megabyte.Weights w = model.weights(store, noIds, false);
      NDArray start =
          Megabyte.SCRIPT.call(
              "start", false, noIds, w.globalTable(), w.globalPositions(), w.globalPad(), patch);
      beginPatch(w, model.global().forward(store, start, globalState, false));
    }
  }

  @Override
  public NDArray next() {
    if (next == null) {
      throw new IllegalStateException(
          "the state is full: it holds "
              + capacity
              + " bytes; reset it, or start one with more capacity");
    }
    return next;
  }

  @Override
  public NDArray feed(NDArray ids) {
    long n = DecodingState.checkFeed(ids, batch, position, capacity);
    NDManager caller = ids.getManager();
    try (DecodingStep step = new DecodingStep(manager, this::arrays, ids)) {
      Megabyte.Weights w = model.weights(store, ids, false);
      NDList rows = new NDList(none(step.manager())); // (B, 0, V)
      for (long done = 0; done < n; ) {
        int slot = (int) (position % patch);
        long left = n - done;
        long count =
            slot == 0 && left >= patch ? left / patch * patch : Math.min(left, patch - slot);
        NDArray chunk = ids.get(":, {}:{}", done, done + count);
        rows.add(
            slot == 0 && count >= patch ? wholePatches(w, chunk) : withinPatch(w, chunk, slot));
        done += count;
      }
      NDArray all = NDArrays.concat(rows, 1); // (B, n, V)
      all.attach(caller);
      return all;
    }
  }

  private NDArray none(NDManager step) {
    DataType type = globalOutput().getDataType();
    return step.zeros(new Shape(batch, 0, model.config().vocabularySize()), type);
  }

  /** Consumes k whole patches (B, k*P); the state stands before the first of them. */
  private NDArray wholePatches(Megabyte.Weights w, NDArray chunk) {
    long k = chunk.getShape().get(1) / patch;
    boolean last = position + k * patch == capacity; // then no patch follows that would need k
    long ahead = last ? k - 1 : k;
    NDArray g = globalOutput(); // (B, 1, P*D_G)
    if (ahead > 0) {
      NDArray embedded = embed(w, chunk.get(":, :{}", ahead * patch), position);
      NDArray following =
          model.global().forward(store, embedded, globalState, false); // (B, ahead, P*D_G)
      g = NDArrays.concat(new NDList(g, following), 1);
    }
    NDArray current = g.get(":, :{}", k); // (B, k, P*D_G)
    NDArray slots =
        Megabyte.SCRIPT.call(
            "local_input",
            false,
            current,
            chunk,
            w.globalToLocal(),
            w.localTable(),
            w.localPad(),
            w.localPositions(),
            patch);
    NDArray rows = rows(w, model.local().forward(store, slots, false), k * patch);
    position += k * patch;
    if (last) {
      next = null;
    } else {
      beginPatch(w, g.get(":, {}:", k));
    }
    return rows;
  }

  /** Consumes n bytes (B, n) that do not go beyond the patch under way. */
  private NDArray withinPatch(Megabyte.Weights w, NDArray chunk, int slot) {
    long n = chunk.getShape().get(1);
    boolean full = slot + n == patch;
    NDList rows = new NDList(next().expandDims(1)); // row `position`
    long ahead = full ? n - 1 : n;
    if (ahead > 0) {
      NDArray slots =
          Megabyte.SCRIPT.call(
              "next_slots",
              false,
              chunk.get(":, :{}", ahead),
              globalOutput(),
              w.globalToLocal(),
              w.localTable(),
              w.localPositions(),
              slot + 1,
              patch);
      rows.add(rows(w, model.local().forward(store, slots, localState, false), ahead));
    }
    NDArray all = NDArrays.concat(rows, 1); // (B, ahead + 1, V): one row more than n unless full
    NDArray bytes = pending == null ? chunk : NDArrays.concat(new NDList(pending, chunk), 1);
    position += n;
    if (position == capacity) {
      next = null;
    } else if (full) {
      NDArray embedded = embed(w, bytes, position - patch); // (B, 1, P*D_G)
      beginPatch(w, model.global().forward(store, embedded, globalState, false));
    } else {
      next = all.get(":, {}", n).duplicate();
      pending = bytes.duplicate();
    }
    return all.get(":, :{}", n);
  }

  private void beginPatch(Megabyte.Weights w, NDArray output) {
    localState.clear();
    pending = null;
    globalOutput = output.duplicate();
    NDArray slot =
        Megabyte.SCRIPT.call(
            "first_slot",
            false,
            output,
            w.globalToLocal(),
            w.localPad(),
            w.localPositions(),
            patch);
    NDArray row = rows(w, model.local().forward(store, slot, localState, false), 1); // (B, 1, V)
    next = row.get(":, 0").duplicate();
  }

  private NDArray embed(Megabyte.Weights w, NDArray bytes, long first) {
    long behindPad = w.globalPad().isEmpty() ? patch : 0; // zero bytes take the first positions
    return Megabyte.SCRIPT.call(
        "patches", false, bytes, w.globalTable(), w.globalPositions(), first + behindPad, patch);
  }

  private NDArray rows(Megabyte.Weights w, NDArray outputs, long length) {
    return Megabyte.SCRIPT.call("logits", false, outputs, w.head(), batch, length);
  }

  private NDArray globalOutput() {
    return Objects.requireNonNull(globalOutput);
  }

  /** What the state holds between steps, next to its caches. */
  private List<NDArray> arrays() {
    return Stream.of(next, globalOutput, pending).filter(Objects::nonNull).toList();
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
