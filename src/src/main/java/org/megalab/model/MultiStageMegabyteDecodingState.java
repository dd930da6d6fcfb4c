package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
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
public final class MultiStageMegabyteDecodingState extends AbstractDecodingState {

  private final MultiStageMegabyte model;
  private final List<StageState> stages = new ArrayList<>();
  private @Nullable NDArray history;

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
    super(model, batch, model.config().contextLength());
    this.model = model;
    try {
      for (MultiStageMegabyte.Stage stage : model.stages()) {
        stages.add(
            new StageState(
                stage, stage.transformer().newState(manager, type, batch, stage.length() + 1)));
      }
      reset();
    } catch (RuntimeException e) {
      close(); // what was allocated would stay as long as the model
      throw e;
    }
  }

  @Override
  void begin(NDArray noIds) {
    history = null;
    next = head(beginGroup(0, noIds));
  }

  @Override
  NDArray read(NDArray ids, long n) {
    NDList rows = new NDList();
    for (long t = 0; t < n; t++) {
      rows.add(nextRow());
      feedOne(ids.get(":, {}:{}", t, t + 1));
    }
    return NDArrays.concat(rows, 1); // (B, n, V)
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

  @Override
  Stream<NDArray> held() {
    return Stream.concat(
        Stream.ofNullable(history), stages.stream().flatMap(stage -> stage.conditioning.stream()));
  }
}
