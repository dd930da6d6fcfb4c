package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.LayerState;

/**
 * MEGABYTE in the middle of B sequences (section 6.1 of the specification): the global model
 * advances once a patch, the local model once a byte. Whole patches that are fed at once go through
 * both models in parallel.
 */
public final class MegabyteDecodingState extends AbstractDecodingState {

  private final Megabyte model;
  private final int patch;
  private final LayerState globalState;
  private final LayerState localState;

  /** The global output (B, 1, P*D_G) for the patch under way. */
  private @Nullable NDArray globalOutput;

  /** The bytes (B, p) of the patch under way. */
  private @Nullable NDArray pending;

  MegabyteDecodingState(Megabyte model, int batch, int capacity) {
    super(model, batch, capacity);
    this.model = model;
    patch = model.config().patchSize();
    int patches = (capacity + patch - 1) / patch;
    try {
      globalState = model.global().newState(manager, type, batch, patches);
      localState = model.local().newState(manager, type, batch, patch);
      reset();
    } catch (RuntimeException e) {
      close(); // what was allocated would stay as long as the model
      throw e;
    }
  }

  @Override
  void begin(NDArray noIds) {
    globalState.clear();
    Megabyte.Weights w = model.weights(store, noIds, false);
    NDArray start =
        Megabyte.SCRIPT.call(
            "start", false, noIds, w.globalTable(), w.globalPositions(), w.globalPad(), patch);
    beginPatch(w, model.global().forward(store, start, globalState, false));
  }

  @Override
  NDArray read(NDArray ids, long n) {
    Megabyte.Weights w = model.weights(store, ids, false);
    NDList rows = new NDList();
    for (long done = 0; done < n; ) {
      int slot = (int) (position % patch);
      long left = n - done;
      long count = slot == 0 && left >= patch ? left / patch * patch : Math.min(left, patch - slot);
      NDArray chunk = ids.get(":, {}:{}", done, done + count);
      rows.add(slot == 0 && count >= patch ? wholePatches(w, chunk) : withinPatch(w, chunk, slot));
      done += count;
    }
    return NDArrays.concat(rows, 1); // (B, n, V)
  }

  /** Consumes k whole patches (B, k*P); the state stands before the first of them. */
  private NDArray wholePatches(Megabyte.Weights w, NDArray chunk) {
    long k = chunk.getShape().get(1) / patch;
    boolean last = position + k * patch == capacity(); // then no patch follows that would need k
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
    NDList rows = new NDList(nextRow()); // row `position`
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
    if (position == capacity()) {
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

  @Override
  Stream<NDArray> held() {
    return Stream.of(globalOutput, pending).filter(Objects::nonNull);
  }
}
