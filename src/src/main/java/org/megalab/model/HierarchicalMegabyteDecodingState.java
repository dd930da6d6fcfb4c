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
 * The MEGABYTE of S levels in the middle of B sequences: a byte that ends an item of a level, and
 * no group of it, advances that level by one and begins new groups below.
 */
public final class HierarchicalMegabyteDecodingState extends AbstractDecodingState {

  private final HierarchicalMegabyte model;
  private final List<LayerState> states = new ArrayList<>();

  /** What each level but the finest said last, (B, 1, W). */
  private final List<NDArray> outputs = new ArrayList<>();

  /** As many bytes as an item of the coarsest level has, at most: (B, n). */
  private @Nullable NDArray history;

  HierarchicalMegabyteDecodingState(HierarchicalMegabyte model, int batch) {
    super(model, batch, model.config().contextLength());
    this.model = model;
    try {
      for (HierarchicalMegabyte.Level level : model.levels()) {
        states.add(level.transformer().newState(manager, type, batch, level.length()));
      }
      reset();
    } catch (RuntimeException e) {
      close(); // what was allocated would stay as long as the model
      throw e;
    }
  }

  @Override
  void begin(NDArray noIds) {
    outputs.clear();
    history = noIds;
    setNext(row(begin(0, noIds)));
  }

  @Override
  void step() {
    run(this::readOne);
  }

  private void readOne() {
    NDArray bytes = NDArrays.concat(new NDList(Objects.requireNonNull(history), symbol), 1);
    long kept = Math.min(bytes.getShape().get(1), model.levels().get(0).bytesPerItem());
    bytes = bytes.get(":, {}:", bytes.getShape().get(1) - kept).duplicate();
    history = bytes;
    long following = position + 1;
    int s = 0;
    while (following % model.levels().get(s).bytesPerItem() != 0) {
      s++;
    }
    NDArray item = bytes.get(":, {}:", kept - model.levels().get(s).bytesPerItem());
    setNext(row(advance(s, item, following)));
  }

  /**
   * Reads an item, given by its bytes (B, P), into a level, and begins the groups below; returns
   * what the finest level says.
   *
   * @param following the position of the byte after the item
   */
  private NDArray advance(int s, NDArray item, long following) {
    HierarchicalMegabyte.Level level = model.levels().get(s);
    long index = following / level.bytesPerItem() % level.length();
    NDArray x =
        HierarchicalMegabyte.SCRIPT.call(
            "next_item",
            false,
            item,
            store.getValue(level.table(), item.getDevice(), false),
            SequenceModel.optional(store, level.positions(), item, false),
            following - level.bytesPerItem(),
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
    return model.rows(store, output, false); // (B, 1, V)
  }

  @Override
  Stream<NDArray> held() {
    return Stream.concat(Stream.ofNullable(history), outputs.stream());
  }
}
