package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.LayerState;

/**
 * The community MEGABYTE in the middle of B sequences: a stage advances when the group below it is
 * full, so that a byte costs one step of the finest stage and now and then one of the coarser.
 */
public final class MultiStageMegabyteDecodingState implements DecodingState {

  private final MultiStageMegabyte model;
  private final int batch;
  private final NDManager manager;
  private final ParameterStore store;
  private final DataType type;
  private final List<StageState> stages = new ArrayList<>();
  private @Nullable NDArray history;
  private @Nullable NDArray next;
  private long position;

  /** Where one stage stands in its group. */
  private static final class StageState {
    final MultiStageMegabyte.Stage stage;
    final LayerState layers;
    NDList conditioning = new NDList();
    int index;

    StageState(MultiStageMegabyte.Stage stage, LayerState layers) {
      this.stage = stage;
      this.layers = layers;
    }
  }

  MultiStageMegabyteDecodingState(MultiStageMegabyte model, int batch) {
    this.model = model;
    this.batch = batch;
    manager = model.manager().newSubManager();
    manager.setName("decoding");
    store = new ParameterStore(manager, false);
    type = model.namedParameters().values().iterator().next().getArray().getDataType();
    for (MultiStageMegabyte.Stage stage : model.stages()) {
      stages.add(
          new StageState(
              stage, stage.transformer().newState(manager, type, batch, stage.length() + 1)));
    }
    reset();
  }

  @Override
  public void reset() {
    try (DecodingStep step = new DecodingStep(manager, this::arrays)) {
      position = 0;
      history = null;
      NDArray row = beginGroup(0, step.manager().zeros(new Shape(batch, 0), DataType.INT64));
      next = head(row);
    }
  }

  @Override
  public NDArray next() {
    if (next == null) {
      throw new IllegalStateException(
          "the state is full: it holds " + capacity() + " bytes; reset it");
    }
    return next;
  }

  @Override
  public NDArray feed(NDArray ids) {
    long n = DecodingState.checkFeed(ids, batch, position, capacity());
    NDManager caller = ids.getManager();
    try (DecodingStep step = new DecodingStep(manager, this::arrays, ids)) {
      Shape none = new Shape(batch, 0, model.config().vocabularySize());
      NDList rows = new NDList(step.manager().zeros(none, type));
      for (long t = 0; t < n; t++) {
        rows.add(next().expandDims(1));
        feedOne(ids.get(":, {}:{}", t, t + 1));
      }
      NDArray all = NDArrays.concat(rows, 1); // (B, n, V)
      all.attach(caller);
      return all;
    }
  }

  private void feedOne(NDArray id) {
    int finest = stages.size() - 1;
    if (stages.get(finest).index == stages.get(finest).stage.length()) {
      // A new group of bytes begins; its start row predicts nothing.
      completeGroup(finest, id);
    }
    NDArray row = advance(finest, id);
    NDArray bytes = history == null ? id.duplicate() : NDArrays.concat(new NDList(history, id), 1);
    int longest = model.stages().get(0).bytesPerToken();
    long kept = bytes.getShape().get(1);
    history = kept > longest ? bytes.get(":, {}:", kept - longest).duplicate() : bytes;
    position++;
    next = position == capacity() ? null : head(row);
  }

  /**
   * The group of a stage is full: the stage above reads it as one token, and a new group begins.
   */
  private void completeGroup(int s, NDArray like) {
    int above = s - 1;
    StageState coarse = stages.get(above);
    if (coarse.index + 1 == coarse.stage.length()) {
      completeGroup(above, like); // which begins new groups below it as well
      return;
    }
    NDArray bytes = Objects.requireNonNull(history);
    long length = bytes.getShape().get(1);
    NDArray item = bytes.get(":, {}:", length - coarse.stage.bytesPerToken()); // (B, P)
    condition(s, advance(above, item));
    beginGroup(s, like);
  }

  /** Reads the start token of a stage and begins the first group of every finer stage. */
  private NDArray beginGroup(int s, NDArray like) {
    StageState state = stages.get(s);
    state.layers.clear();
    state.index = 0;
    NDArray start = store.getValue(state.stage.start(), like.getDevice(), false);
    NDArray x = MultiStageMegabyte.SCRIPT.call("start_input", false, like, start, new NDList());
    NDArray output = state.stage.transformer().forward(store, x, state.layers, false);
    if (s + 1 == stages.size()) {
      return output;
    }
    condition(s + 1, output);
    return beginGroup(s + 1, like);
  }

  /** Reads one token, given by its bytes (B, P), and returns the stage's output (B, 1, D). */
  private NDArray advance(int s, NDArray bytes) {
    StageState state = stages.get(s);
    NDArray token =
        MultiStageMegabyte.SCRIPT.call(
            "tokens",
            false,
            bytes.expandDims(1),
            MultiStageMegabyte.values(store, state.stage.embedder(), bytes, false));
    NDArray x =
        MultiStageMegabyte.SCRIPT.call(
            "next_token",
            false,
            token,
            state.conditioning,
            MultiStageMegabyte.values(store, state.stage.positions(), bytes, false),
            state.index);
    state.index++;
    return state.stage.transformer().forward(store, x, state.layers, false);
  }

  /** Projects the output of the stage above to the vectors of the group that begins. */
  private void condition(int s, NDArray output) {
    MultiStageMegabyte.Stage above = stages.get(s - 1).stage;
    NDList projection = MultiStageMegabyte.values(store, above.projection(), output, false);
    NDArray vectors =
        MultiStageMegabyte.SCRIPT.call(
            "project",
            false,
            output,
            projection.get(0),
            projection.get(1),
            stages.get(s).stage.length());
    stages.get(s).conditioning = new NDList(vectors);
  }

  private NDArray head(NDArray output) {
    NDList head = model.head(store, output);
    return MultiStageMegabyte.SCRIPT
        .call("head", false, output, head.get(0), head.get(1))
        .reshape(batch, -1);
  }

  /** What the state holds between steps, next to its caches. */
  private List<NDArray> arrays() {
    return Stream.concat(
            Stream.of(next, history).filter(Objects::nonNull),
            stages.stream().flatMap(stage -> stage.conditioning.stream()))
        .toList();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public long capacity() {
    return model.config().contextLength();
  }

  @Override
  public void close() {
    manager.close();
  }
}
