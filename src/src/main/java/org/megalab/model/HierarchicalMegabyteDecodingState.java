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
 * The MEGABYTE of S levels in the middle of B sequences: a byte that ends an item of a level, and
 * no group of it, advances that level by one and begins new groups below.
 */
public final class HierarchicalMegabyteDecodingState implements DecodingState {

  private final HierarchicalMegabyte model;
  private final int batch;
  private final NDManager manager;
  private final ParameterStore store;
  private final DataType type;
  private final List<LayerState> states = new ArrayList<>();

  /** What each level but the finest said last, (B, 1, W). */
  private final List<NDArray> outputs = new ArrayList<>();

  /** As many bytes as an item of the coarsest level has, at most: (B, n). */
  private @Nullable NDArray history;

  private @Nullable NDArray next;
  private long position;

  HierarchicalMegabyteDecodingState(HierarchicalMegabyte model, int batch) {
    this.model = model;
    this.batch = batch;
    manager = model.manager().newSubManager();
    manager.setName("decoding");
    store = new ParameterStore(manager, false);
    type = model.namedParameters().values().iterator().next().getArray().getDataType();
    for (HierarchicalMegabyte.Level level : model.levels()) {
      states.add(level.transformer().newState(manager, type, batch, level.length()));
    }
    reset();
  }

  @Override
  public void reset() {
    try (DecodingStep step = new DecodingStep(manager, this::arrays)) {
      position = 0;
      outputs.clear();
      history = step.manager().zeros(new Shape(batch, 0), DataType.INT64);
      next = row(begin(0, history));
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
    NDArray bytes = NDArrays.concat(new NDList(Objects.requireNonNull(history), id), 1);
    long kept = Math.min(bytes.getShape().get(1), model.levels().get(0).bytesPerItem());
    bytes = bytes.get(":, {}:", bytes.getShape().get(1) - kept).duplicate();
    history = bytes;
    position++;
    if (position == capacity()) {
      next = null;
      return;
    }
    int s = 0;
    while (position % model.levels().get(s).bytesPerItem() != 0) {
      s++;
    }
    next = row(advance(s, bytes.get(":, {}:", kept - model.levels().get(s).bytesPerItem())));
  }

  /**
   * Reads an item, given by its bytes (B, P), into a level, and begins the groups below; returns
   * what the finest level says.
   */
  private NDArray advance(int s, NDArray item) {
    HierarchicalMegabyte.Level level = model.levels().get(s);
    long index = position / level.bytesPerItem() % level.length();
    NDArray x =
        HierarchicalMegabyte.SCRIPT.call(
            "next_item",
            false,
            item,
            store.getValue(level.table(), item.getDevice(), false),
            SequenceModel.optional(store, level.positions(), item, false),
            position - level.bytesPerItem(),
            above(s, index));
    return say(s, level.transformer().forward(store, x, states.get(s), false));
  }

  /** Begins a group of a level and of all below; returns what the finest level says. */
  private NDArray begin(int s, NDArray like) {
    HierarchicalMegabyte.Level level = model.levels().get(s);
    states.get(s).clear();
    NDArray pad = store.getValue(level.pad(), like.getDevice(), false);
    NDArray x = HierarchicalMegabyte.SCRIPT.call("first_item", false, like, pad, above(s, 0));
    return say(s, level.transformer().forward(store, x, states.get(s), false));
  }

  private NDArray say(int s, NDArray output) {
    if (s + 1 == states.size()) {
      return output;
    }
    while (outputs.size() > s) {
      outputs.remove(outputs.size() - 1);
    }
    outputs.add(output);
    return begin(s + 1, output);
  }

  private NDList above(int s, long index) {
    return s == 0
        ? new NDList()
        : model.above(store, model.levels().get(s), outputs.get(s - 1), index, 1, false);
  }

  private NDArray row(NDArray output) {
    NDArray head = model.head(store, output, false);
    return HierarchicalMegabyte.SCRIPT.call("rows", false, output, head, batch, 1).squeeze(1);
  }

  /** What the state holds between steps, next to its caches. */
  private List<NDArray> arrays() {
    return Stream.concat(Stream.of(next, history).filter(Objects::nonNull), outputs.stream())
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
