package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.megalab.layer.LayerState;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/**
 * What a language model carries from one part of B streams to the next, in training: truncated
 * backpropagation through time (Williams and Peng 1990), as Transformer-XL and MEGALODON train on
 * documents longer than their context.
 *
 * <pre>
 * try (CarriedState carried = model.newCarriedState(model.manager(), B)) {
 *   for each step: carried.reset(rows whose document begins here);
 *     autograd.backward(model.perByteLoss(store, ids, carried, true).mean());
 * }
 * </pre>
 *
 * Every call goes on where the last one stopped. Gradients flow inside of a call alone: what is
 * carried is a constant of the next, and has the size of a model's state however long the streams.
 *
 * <p>Rows may begin afresh at different times; those that then stand at different places of a chunk
 * or segment are computed apart. Parts that are whole chunks avoid that. The common mistake is to
 * shuffle rows between calls: row b goes on where row b stopped.
 */
public final class CarriedState implements AutoCloseable {

  private static final Script SCRIPT = Script.resource(CarriedState.class, "carried_state");
  private static final String LAST = "last";
  private static final String POSITIONS = "positions";
  private static final String STATE = "state.";

  private final NDManager manager;
  private final long period;
  private final int startRow;
  private final long[] positions;
  private LayerState state;
  private NDArray last;

  /** Computes a part of streams that stand at the same place of their chunks. */
  @FunctionalInterface
  interface Part {
    /** Returns the cost (B, T) of ids (B, T) where inputs (B, T) are read. */
    NDArray cost(NDArray inputs, NDArray ids, LayerState state);
  }

  /**
   * Begins B streams.
   *
   * @param manager owns the arrays of the state
   * @param state a new one
   * @param period the steps after which chunks or segments begin again
   * @param startRow what is read before the first id
   */
  CarriedState(NDManager manager, LayerState state, int batch, long period, int startRow) {
    this.manager = manager;
    this.state = state;
    this.period = period;
    this.startRow = startRow;
    positions = new long[batch];
    last = manager.full(new Shape(batch, 1), startRow, DataType.INT64);
  }

  /** Returns B. */
  public int batch() {
    return positions.length;
  }

  /** Returns how many ids each row has read since it began. */
  public long[] positions() {
    return positions.clone();
  }

  /**
   * Begins some of the streams afresh: they go on as in a new state.
   *
   * @param rows (B), true where a stream begins
   * @throws IllegalArgumentException if there are not B of them
   */
  public void reset(boolean[] rows) {
    if (rows.length != batch()) {
      throw new IllegalArgumentException(
          "there are " + batch() + " streams, got " + rows.length + " flags");
    }
    if (IntStream.range(0, rows.length).noneMatch(b -> rows[b])) {
      return;
    }
    try (NDManager step = manager.newSubManager()) {
      NDArray begin = Tensors.upload(step, host -> host.create(rows));
      NDList arrays = new NDList();
      state.all().forEach(array -> arrays.add(SCRIPT.call("begin", true, array, begin, 0)));
      arrays.add(SCRIPT.call("begin", true, last, begin, startRow));
      arrays.attach(step);
      set(state, arrays, arrays.get(arrays.size() - 1));
    }
    for (int b = 0; b < rows.length; b++) {
      positions[b] = rows[b] ? 0 : positions[b];
    }
  }

  /** Runs all rows over their next ids (B, T) and returns the cost (B, T); the state goes on. */
  NDArray advance(NDArray ids, boolean training, Part part) {
    NDManager caller = ids.getManager();
    Collection<List<Integer>> groups = groups();
    boolean together = groups.size() == 1;
    List<LayerState> states = new ArrayList<>();
    NDList costs = new NDList();
    for (List<Integer> rows : groups) {
      long[] members = rows.stream().mapToLong(b -> b).toArray();
      NDArray index = Tensors.longs(caller, members, new Shape(members.length));
      LayerState own = state.map(array -> rows(array, index, caller, together));
      own.moveTo(positions[rows.get(0)] % period);
      NDArray next = rows(ids, index, caller, together);
      NDArray before = rows(last, index, caller, together);
      NDArray inputs = SCRIPT.call("inputs", true, before, next);
      costs.add(part.cost(inputs, next, own));
      states.add(own);
    }
    NDArray back = Tensors.longs(caller, back(groups), new Shape(batch()));
    List<List<NDArray>> parts = states.stream().map(one -> one.all().toList()).toList();
    NDList arrays = new NDList();
    for (int i = 0; i < parts.get(0).size(); i++) {
      int place = i;
      arrays.add(join(new NDList(parts.stream().map(one -> one.get(place)).toList()), back));
    }
    long steps = ids.getShape().get(1);
    set(states.get(0), arrays, ids.get(":, {}:", steps - 1));
    Arrays.setAll(positions, b -> positions[b] + steps);
    return together ? costs.get(0) : SCRIPT.call("join", training, costs, back);
  }

  /** The rows by their place in a chunk. */
  private Collection<List<Integer>> groups() {
    Map<Long, List<Integer>> groups = new TreeMap<>();
    for (int b = 0; b < positions.length; b++) {
      groups.computeIfAbsent(positions[b] % period, place -> new ArrayList<>()).add(b);
    }
    return groups.values();
  }

  /** Where each row stands among the rows of all groups. */
  private long[] back(Collection<List<Integer>> groups) {
    long[] back = new long[positions.length];
    int place = 0;
    for (List<Integer> rows : groups) {
      for (int row : rows) {
        back[row] = place++;
      }
    }
    return back;
  }

  private static NDArray rows(NDArray array, NDArray index, NDManager caller, boolean all) {
    NDArray rows = all ? array.stopGradient() : SCRIPT.call("select", true, array, index);
    rows.attach(caller);
    return rows;
  }

  private static NDArray join(NDList parts, NDArray back) {
    return parts.size() == 1 ? parts.get(0) : SCRIPT.call("join", true, parts, back);
  }

  /** Copies the arrays: they may be parts of larger ones, and have a graph. */
  private void set(LayerState form, NDList arrays, NDArray newLast) {
    Iterator<NDArray> next = arrays.iterator();
    LayerState copy = form.map(array -> own(next.next()));
    state.all().forEach(NDArray::close);
    last.close();
    state = copy;
    last = own(newLast);
  }

  private NDArray own(NDArray array) {
    NDArray copy = array.duplicate();
    copy.attach(manager);
    return copy;
  }

  /**
   * Returns copies of all that is carried, by name, for a checkpoint.
   *
   * @param owner owns the copies
   */
  public Map<String, NDArray> arrays(NDManager owner) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    Iterator<NDArray> all = state.all().iterator();
    state.names().forEach(name -> arrays.put(STATE + name, all.next().duplicate()));
    arrays.put(LAST, last.duplicate());
    arrays.put(POSITIONS, owner.create(positions));
    arrays.values().forEach(array -> array.attach(owner));
    return arrays;
  }

  /**
   * Goes on from what {@link #arrays} returned, bit for bit.
   *
   * @throws IllegalArgumentException if an array is missing, or of another shape or element type;
   *     nothing is changed then
   */
  public void load(Map<String, NDArray> arrays) {
    NDList loaded = new NDList();
    Iterator<NDArray> all = state.all().iterator();
    state.names().forEach(name -> loaded.add(like(all.next(), STATE + name, arrays)));
    NDArray newLast = like(last, LAST, arrays);
    try (NDArray zeros = manager.zeros(new Shape(batch()), DataType.INT64)) {
      long[] read = like(zeros, POSITIONS, arrays).toLongArray();
      System.arraycopy(read, 0, positions, 0, read.length);
    }
    set(state, loaded, newLast);
  }

  private static NDArray like(NDArray own, String name, Map<String, NDArray> arrays) {
    NDArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException(
          "the carried state has no \"" + name + "\"; it has " + arrays.keySet());
    }
    if (!array.getShape().equals(own.getShape()) || array.getDataType() != own.getDataType()) {
      throw new IllegalArgumentException(
          "\"%s\" is %s of %s and must be %s of %s; it is the state of another model or batch size"
              .formatted(
                  name, array.getShape(), array.getDataType(), own.getShape(), own.getDataType()));
    }
    return array.toDevice(own.getDevice(), false);
  }

  /** Frees the state's memory. */
  @Override
  public void close() {
    manager.close();
  }
}
