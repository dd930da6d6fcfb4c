package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.LayerState;

/**
 * MEGABYTE in the middle of B sequences: the global model advances once a patch, the local model
 * once a byte, always one byte ahead of what was fed. Many bytes that are fed at once go through
 * both models in parallel.
 */
public final class MegabyteDecodingState extends AbstractDecodingState {

  private final Megabyte model;
  private final int patch;
  private final @Nullable LayerState encoderState;
  private final @Nullable LayerState globalState;
  private final @Nullable LayerState localState;

  /** The global output (B, 1, P*D_G) for the patch under way. */
  private @Nullable NDArray globalOutput;

  /** The bytes (B, p) of the patch under way. */
  private @Nullable NDArray pending;

  MegabyteDecodingState(Megabyte model, int batch, int capacity) {
    super(model, batch, capacity);
    this.model = model;
    patch = model.config().patchSize();
    int patches = (int) (((long) capacity + patch - 1) / patch);
    Megabyte.Global global = model.global();
    Megabyte.Local local = model.local();
    try {
      encoderState = global == null ? null : global.encoder().newState(manager, type, batch, 0);
      globalState = global == null ? null : global.stack().newState(manager, type, batch, patches);
      localState = local == null ? null : local.stack().newState(manager, type, batch, capacity);
      reset();
    } catch (RuntimeException e) {
      close(); // what was allocated would stay as long as the model
      throw e;
    }
  }

  @Override
  void begin(NDArray noIds) {
    Stream.of(encoderState, globalState, localState)
        .filter(Objects::nonNull)
        .forEach(LayerState::clear);
    NDManager step = noIds.getManager();
    int zeros = model.beginsWithZeros() ? patch : 0;
    globalOutput = advance(step.zeros(new Shape(batch, zeros), DataType.INT64), 0, true);
    pending = noIds;
    NDArray nothing = step.zeros(new Shape(batch, 1), DataType.INT64);
    next = last(model.rows(store, globalOutput, 0, nothing, 0, localState, false));
  }

  @Override
  NDArray read(NDArray ids, long n) {
    boolean full = position + n == capacity(); // then no row follows the last byte
    long ahead = full ? n - 1 : n;
    NDList rows = new NDList(nextRow()); // row `position`
    if (ahead > 0) {
      NDArray bytes = ids.get(":, :{}", ahead);
      long slot = position % patch + 1;
      NDArray g = globalOutputs(bytes); // (B, 1 + m, P*D_G): the patch under way and those after it
      rows.add(model.rows(store, g, slot, bytes, position + 1, localState, false));
    }
    next = full ? null : last(rows.get(1));
    position += n;
    return NDArrays.concat(rows, 1).get(":, :{}", n); // (B, n, V)
  }

  /**
   * Reads bytes (B, n) into the patch under way, and the patches that become full with them into
   * the global model.
   */
  private @Nullable NDArray globalOutputs(NDArray bytes) {
    NDArray g = globalOutput;
    if (g == null) {
      return null;
    }
    NDArray open = NDArrays.concat(new NDList(Objects.requireNonNull(pending), bytes), 1);
    long finished = open.getShape().get(1) / patch * patch;
    if (finished > 0) {
      long zeros = model.beginsWithZeros() ? patch : 0; // they take the first positions
      long first = position - position % patch + zeros;
      NDArray following = advance(open.get(":, :{}", finished), first, false);
      g = NDArrays.concat(new NDList(g, Objects.requireNonNull(following)), 1);
      globalOutput = g.get(":, -1:").duplicate();
    }
    pending = open.get(":, {}:", finished).duplicate();
    return g;
  }

  private @Nullable NDArray advance(NDArray bytes, long first, boolean withPad) {
    Megabyte.Global global = model.global();
    if (global == null) {
      return null;
    }
    NDArray patches = model.patches(store, global, bytes, first, encoderState, withPad, false);
    return global.stack().forward(store, patches, globalState, false); // (B, m, P*D_G)
  }

  @Override
  Stream<NDArray> held() {
    return Stream.concat(
        Stream.of(globalOutput, pending).filter(Objects::nonNull),
        encoderState == null ? Stream.of() : encoderState.all());
  }
}
