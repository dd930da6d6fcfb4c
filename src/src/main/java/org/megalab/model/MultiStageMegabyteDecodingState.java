package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.LayerState;
import org.megalab.layer.Place;
import org.megalab.torchscript.Tensors;

/**
 * The community MEGABYTE in the middle of B sequences: a stage advances when the group below it is
 * full, so that a byte costs one step of the finest stage and now and then one of the coarser.
 */
public final class MultiStageMegabyteDecodingState extends AbstractDecodingState {

  private final MultiStageMegabyte model;
  private final List<MultiStageMegabyte.Stage> stages;
  private final List<LayerState> layers = new ArrayList<>();

  /** What each stage adds to the tokens of the group under way, (B, n, D); none for the first. */
  private final List<NDList> conditioning = new ArrayList<>();

  /**
   * As many of the last bytes as a token of the first stage has, once there are so many: (B, P).
   */
  private final NDArray history;

  MultiStageMegabyteDecodingState(MultiStageMegabyte model, int batch) {
    super(model, batch, model.config().contextLength());
    this.model = model;
    stages = model.stages();
    try {
      for (MultiStageMegabyte.Stage stage : stages) {
        layers.add(stage.transformer().newState(manager, type, batch, stage.length() + 1));
        Shape vectors = new Shape(batch, stage.length(), stage.start().getArray().size());
        conditioning.add(
            conditioning.isEmpty() ? new NDList() : new NDList(manager.zeros(vectors, type)));
      }
      Shape longest = new Shape(batch, stages.get(0).bytesPerToken());
      history = manager.zeros(longest, DataType.INT64);
      reset();
    } catch (RuntimeException e) {
      close(); // what was allocated would stay as long as the model
      throw e;
    }
  }

  @Override
  void begin(NDArray noIds) {
    setNext(head(beginGroup(0)));
  }

  /** {@inheritDoc} Whole tokens of the first stage go through all stages at once. */
  @Override
  NDArray read(NDArray ids, long n) {
    int bytes = stages.get(0).bytesPerToken();
    long before = Math.min(n, (bytes - position % bytes) % bytes);
    long end = before + (n - before) / bytes * bytes;
    NDList rows = new NDList();
    if (before > 0) {
      rows.add(super.read(ids.get(":, :{}", before), before));
    }
    if (end > before) {
      NDArray whole = ids.get(":, {}:{}", before, end);
      run(() -> rows.add(readTokens(whole)));
    }
    if (n > end) {
      rows.add(super.read(ids.get(":, {}:", end), n - end));
    }
    return rows.size() == 1 ? rows.get(0) : NDArrays.concat(rows, 1); // (B, n, V)
  }

  /**
   * Reads bytes (B, G*P) of whole tokens where one begins. The last token before them, and all of
   * theirs but the last, then have a say in the first stage; the last one waits for its successor.
   */
  private NDArray readTokens(NDArray ids) {
    NDArray row = nextRow(ids.getManager()); // (B, 1, V)
    long length = ids.getShape().get(1);
    int bytes = stages.get(0).bytesPerToken();
    NDArray known = ids.get(":, :{}", length - bytes);
    NDList vectors = new NDList();
    if (position == 0) {
      vectors.add(conditioning.get(1).get(0).expandDims(1)); // of the start token
    } else {
      known = NDArrays.concat(new NDList(history, known), 1);
    }
    if (known.getShape().get(1) > 0) {
      vectors.add(vectorsBehind(known.reshape(batch, -1, bytes)));
    }
    NDArray added = NDArrays.concat(vectors, 1); // (B, G, n, D)
    long group = stages.get(1).length();
    NDArray flat = added.reshape(-1, group, added.getShape().get(3)); // (B*G, n, D)
    NDArray x = model.stages(store, 1, group, ids, new NDList(flat), false);
    NDArray rows = head(MultiStageMegabyte.SCRIPT.call("within", false, x, batch)); // (B, G*P, V)
    Tensors.assign(history, ids.get(":, {}:", length - bytes));
    setNext(rows);
    position += length;
    NDArray before = NDArrays.concat(new NDList(row, rows.get(":, :{}", length - 1)), 1);
    before.attach(ids.getManager());
    return before;
  }

  /** Reads tokens (B, m, P) into the first stage; what groups behind them get: (B, m, n, D). */
  private NDArray vectorsBehind(NDArray bytes) {
    MultiStageMegabyte.Stage first = stages.get(0);
    long index = Math.max(0, position / first.bytesPerToken() - 1);
    NDArray tokens = MultiStageMegabyte.tokens(store, first, bytes, false);
    NDList positions = MultiStageMegabyte.values(store, first.positions(), bytes, false);
    NDArray x =
        MultiStageMegabyte.SCRIPT.call(
            "next_tokens", false, tokens, new NDList(), positions, index);
    LayerState state = layers.get(0);
    state.moveTo(index + 1); // behind the start token
    NDArray output = first.transformer().forward(store, x, state, false); // (B, m, D)
    Shape below = conditioning.get(1).get(0).getShape(); // (B, n, D)
    return model.projected(store, 0, output, false).reshape(batch, -1, below.get(1), below.get(2));
  }

  /** {@inheritDoc} A byte with which a new group begins first completes those before it. */
  @Override
  void step() {
    int finest = stages.size() - 1;
    if (position > 0 && position % stages.get(finest).length() == 0) {
      completeGroup(finest - 1);
    }
    advance(finest, position % stages.get(finest).length(), this::readByte);
  }

  /** The group below a stage is full: the stage reads it, unless its own is full too. */
  private void completeGroup(int s) {
    MultiStageMegabyte.Stage stage = stages.get(s);
    long tokens = position / stage.bytesPerToken() % stage.length();
    if (s > 0 && tokens == 0) {
      completeGroup(s - 1); // which begins new groups below it as well
    } else {
      advance(s, tokens - 1, this::readToken);
    }
  }

  /** How a stage reads its next token; the place is null on a CPU. */
  @FunctionalInterface
  private interface Reading {
    void read(int s, long index, @Nullable Place place);
  }

  /** Has a stage read the token of its group that has this index, behind the start token. */
  private void advance(int s, long index, Reading reading) {
    LayerState state = layers.get(s);
    steps.takeAt(
        "stage " + s,
        index + 1,
        stages.get(s).length() + 1L,
        place ->
            run(
                () -> {
                  state.moveTo(index + 1);
                  state.at(place, () -> reading.read(s, index, place));
                }));
    state.moveTo(index + 2);
  }

  private void readByte(int s, long index, @Nullable Place place) {
    setNext(head(output(s, symbol, index, place)));
    NDArray moved = MultiStageMegabyte.SCRIPT.call("append", false, history, symbol);
    Tensors.assign(history, moved);
  }

  /** Reads the last bytes as a token, and begins the groups below. */
  private void readToken(int s, long index, @Nullable Place place) {
    long known = history.getShape().get(1);
    NDArray bytes = history.get(":, {}:", known - stages.get(s).bytesPerToken()); // (B, P)
    condition(s + 1, output(s, bytes, index, place));
    beginGroup(s + 1);
  }

  /** Reads the start token of a stage and begins the first group of every finer stage. */
  private NDArray beginGroup(int s) {
    MultiStageMegabyte.Stage stage = stages.get(s);
    layers.get(s).clear();
    NDArray start = store.getValue(stage.start(), symbol.getDevice(), false);
    NDArray x = MultiStageMegabyte.SCRIPT.call("start_input", false, symbol, start, new NDList());
    NDArray output = stage.transformer().forward(store, x, layers.get(s), false); // (B, 1, D)
    if (s + 1 == stages.size()) {
      return output;
    }
    condition(s + 1, output);
    return beginGroup(s + 1);
  }

  /** Reads one token, given by its bytes (B, P), and returns the stage's output (B, 1, D). */
  private NDArray output(int s, NDArray bytes, long index, @Nullable Place place) {
    MultiStageMegabyte.Stage stage = stages.get(s);
    NDArray token = MultiStageMegabyte.tokens(store, stage, bytes.expandDims(1), false);
    NDList positions = MultiStageMegabyte.values(store, stage.positions(), bytes, false);
    NDList vectors = conditioning.get(s);
    NDArray x =
        place == null
            ? MultiStageMegabyte.SCRIPT.call("next_tokens", false, token, vectors, positions, index)
            : MultiStageMegabyte.SCRIPT.call(
                "next_token_at", false, token, vectors, positions, place.position());
    return stage.transformer().forward(store, x, layers.get(s), false);
  }

  /** Projects the output of the stage above to the vectors of the group that begins. */
  private void condition(int s, NDArray output) {
    Tensors.assign(conditioning.get(s).get(0), model.projected(store, s - 1, output, false));
  }

  private NDArray head(NDArray output) {
    NDList head = model.head(store, output);
    return MultiStageMegabyte.SCRIPT.call("head", false, output, head.get(0), head.get(1));
  }

  @Override
  Stream<NDArray> held() {
    return Stream.concat(Stream.of(history), conditioning.stream().flatMap(NDList::stream));
  }
}
