package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.LayerState;
import org.megalab.layer.Place;
import org.megalab.torchscript.Tensors;

/**
 * MEGABYTE in the middle of B sequences: the global model advances once a patch, the local model
 * once a byte, always one byte ahead of what was fed. Many bytes that are fed at once go through
 * both models in parallel.
 */
public final class MegabyteDecodingState extends AbstractDecodingState {

  private final Megabyte model;
  private final int patch;
  private final @Nullable LayerState encoderState;

  /** The arrays of the encoder's state, which stay the same. */
  private final List<NDArray> encoded;

  private final @Nullable LayerState globalState;
  private final @Nullable LayerState localState;

  private final long patches;

  /** The global output (B, 1, P*D_G) for the patch under way; null without a global model. */
  private final @Nullable NDArray globalOutput;

  /** The bytes (B, P) of the patch under way, as far as they are known. */
  private final NDArray pending;

  MegabyteDecodingState(Megabyte model, int batch, int capacity) {
    super(model, batch, capacity);
    this.model = model;
    patch = model.config().patchSize();
    patches = ((long) capacity + patch - 1) / patch;
    Megabyte.Global global = model.global();
    Megabyte.Local local = model.local();
    try {
      int longest = (int) patches;
      encoderState = global == null ? null : global.encoder().newState(manager, type, batch, 0);
      encoded = encoderState == null ? List.of() : encoderState.all().toList();
      globalState = global == null ? null : global.stack().newState(manager, type, batch, longest);
      localState = local == null ? null : local.stack().newState(manager, type, batch, capacity);
      long width = (long) patch * model.config().globalByteDim();
      globalOutput = global == null ? null : manager.zeros(new Shape(batch, 1, width), type);
      pending = manager.zeros(new Shape(batch, patch), DataType.INT64);
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
    if (globalOutput != null) {
      NDArray bytes = step.zeros(new Shape(batch, zeros), DataType.INT64);
      setGlobalOutput(advance(bytes, 0, true));
    }
    NDArray nothing = step.zeros(new Shape(batch, 1), DataType.INT64);
    setNext(model.rows(store, globalOutput, 0, nothing, 0, localState, false));
  }

  /** {@inheritDoc} The global model reads a patch with its last byte. */
  @Override
  void step() {
    long slot = position % patch;
    long following = position + 1;
    boolean last = slot == patch - 1;
    if (last && globalOutput != null) {
      steps.takeAt("patches", following / patch, patches, place -> run(() -> finishPatch(place)));
      global().moveTo(following / patch + 1);
    }
    // the steps of the first patch have no patch before them
    steps.take(List.of(slot, following < patch), () -> run(() -> nextByte(slot, following)));
    if (localState != null) {
      localState.moveTo(following + 1);
    }
  }

  private void nextByte(long slot, long following) {
    if (localState != null) {
      localState.moveTo(following);
    }
    Tensors.assign(pending.get(":, {}:{}", slot, slot + 1), symbol);
    long next = following % patch;
    setNext(model.rows(store, globalOutput, next, symbol, following, localState, false));
  }

  /** Reads the patch whose last byte is the symbol. */
  private void finishPatch(@Nullable Place place) {
    global().moveTo((position + 1) / patch);
    NDArray known = pending.get(":, :{}", patch - 1);
    NDArray bytes = NDArrays.concat(new NDList(known, symbol), 1); // (B, P)
    long first = position + 1 - patch + (model.beginsWithZeros() ? patch : 0);
    encoder()
        .at(place, () -> global().at(place, () -> setGlobalOutput(advance(bytes, first, false))));
  }

  private void setGlobalOutput(NDArray output) {
    Tensors.assign(Objects.requireNonNull(globalOutput), output);
  }

  private LayerState encoder() {
    return Objects.requireNonNull(encoderState, "there is no global model");
  }

  private LayerState global() {
    return Objects.requireNonNull(globalState, "there is no global model");
  }

  @Override
  NDArray read(NDArray ids, long n) {
    boolean full = position + n == capacity(); // then no row follows the last byte
    NDArray row = nextRow(ids.getManager()); // row `position`
    NDArray bytes = ids.get(":, :{}", full ? n - 1 : n);
    long slot = position % patch + 1;
    NDArray g = globalOutputs(bytes); // (B, 1 + m, P*D_G): the patch under way and those after it
    NDArray rows = model.rows(store, g, slot, bytes, position + 1, localState, false);
    if (!full) {
      setNext(rows);
    }
    position += n;
    return NDArrays.concat(new NDList(row, rows), 1).get(":, :{}", n); // (B, n, V)
  }

  /**
   * Reads bytes (B, n) into the patch under way, and the patches that become full with them into
   * the global model.
   */
  private @Nullable NDArray globalOutputs(NDArray bytes) {
    long known = position % patch;
    NDArray open = NDArrays.concat(new NDList(pending.get(":, :{}", known), bytes), 1);
    long length = open.getShape().get(1);
    long finished = length / patch * patch;
    NDArray g = globalOutput;
    if (g != null && finished > 0) {
      long zeros = model.beginsWithZeros() ? patch : 0; // they take the first positions
      long first = position - known + zeros;
      NDArray following = advance(open.get(":, :{}", finished), first, false);
      g = NDArrays.concat(new NDList(g, following), 1);
      setGlobalOutput(g.get(":, -1:"));
    }
    if (length > finished) {
      Tensors.assign(pending.get(":, :{}", length - finished), open.get(":, {}:", finished));
    }
    return g;
  }

  /** What the global model says (B, m, P*D_G) behind the bytes (B, m*P) of patches. */
  private NDArray advance(NDArray bytes, long first, boolean withPad) {
    Megabyte.Global global = Objects.requireNonNull(model.global());
    try {
      NDArray vectors = model.patches(store, global, bytes, first, encoderState, withPad, false);
      encoder().settle(encoded);
      return global.stack().forward(store, vectors, globalState, false);
    } finally {
      encoder().restore(encoded);
    }
  }

  @Override
  Stream<NDArray> held() {
    return Stream.concat(
        Stream.of(pending, globalOutput).filter(Objects::nonNull), encoded.stream());
  }
}
