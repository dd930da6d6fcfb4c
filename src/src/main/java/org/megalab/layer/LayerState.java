package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Tensors;

/**
 * What a layer remembers of the steps before: arrays of its own, whose meaning its Javadoc gives,
 * and the states of the layers inside it. All arrays are zero at the beginning of a sequence.
 */
public final class LayerState {

  private final NDList arrays;
  private final List<LayerState> inner;
  private final long capacity;
  private long position;
  private @Nullable Place place;

  private LayerState(NDList arrays, List<LayerState> inner, long capacity) {
    this.arrays = arrays;
    this.inner = List.copyOf(inner);
    this.capacity = capacity;
  }

  /** Returns a state of zero arrays that holds any number of steps. */
  public static LayerState of(NDArray... zeros) {
    return new LayerState(new NDList(zeros), List.of(), Long.MAX_VALUE);
  }

  /** Returns the state of a layer that remembers nothing itself, but has layers that may. */
  public static LayerState of(List<LayerState> inner) {
    return new LayerState(new NDList(), inner, Long.MAX_VALUE);
  }

  /**
   * Returns the state of an attention: keys (B, H, capacity, d) and values (B, H, capacity, e),
   * allocated once, of which the first {@link #position()} steps are filled. Further arrays may
   * follow.
   */
  public static LayerState keyValues(
      NDManager manager,
      DataType type,
      int batch,
      int heads,
      int capacity,
      int keyDim,
      int valueDim,
      NDArray... further) {
    NDList arrays = new NDList();
    arrays.add(manager.zeros(new Shape(batch, heads, capacity, keyDim), type));
    arrays.add(manager.zeros(new Shape(batch, heads, capacity, valueDim), type));
    arrays.addAll(List.of(further));
    return new LayerState(arrays, List.of(), capacity);
  }

  /** Returns the layer's own arrays, in the layer's order. */
  public NDList arrays() {
    return arrays;
  }

  /** Returns one of the layer's own arrays. */
  public NDArray get(int index) {
    return arrays.get(index);
  }

  /**
   * Replaces the layer's own arrays by arrays of the same shapes, as {@link #clear()} zeroes them;
   * the step in which this happens frees the old ones.
   */
  public void replace(List<NDArray> next) {
    List<NDArray> copy = List.copyOf(next); // which may be a view of the arrays
    arrays.clear();
    arrays.addAll(copy);
  }

  /** Returns a state of the same form and position, with other arrays in the places of these. */
  public LayerState map(UnaryOperator<NDArray> array) {
    NDList mapped = new NDList();
    arrays.forEach(a -> mapped.add(array.apply(a)));
    List<LayerState> states = inner.stream().map(state -> state.map(array)).toList();
    LayerState copy = new LayerState(mapped, states, capacity);
    copy.position = position;
    return copy;
  }

  /** Sets the position, inside too, as after so many steps; the arrays are what they are. */
  public void moveTo(long steps) {
    position = steps;
    inner.forEach(state -> state.moveTo(steps));
  }

  /**
   * Runs something in which single steps go by a place, inside too.
   *
   * @param place null for {@link #position()}, as usual
   */
  public void at(@Nullable Place place, Runnable steps) {
    setPlace(place);
    try {
      steps.run();
    } finally {
      setPlace(null);
    }
  }

  private void setPlace(@Nullable Place place) {
    this.place = place;
    inner.forEach(state -> state.setPlace(place));
  }

  /**
   * Returns what a single step goes by instead of {@link #position()}; null, as usual, for that.
   */
  public @Nullable Place place() {
    return place;
  }

  /**
   * Copies what has replaced arrays, inside too, into those that were there, and puts them back.
   *
   * @param fixed the arrays that were there, in the order of {@link #all()}
   */
  public void settle(List<NDArray> fixed) {
    NDList targets = new NDList();
    NDList sources = new NDList();
    settle(fixed.iterator(), targets, sources);
    Tensors.assignAll(targets, sources);
  }

  /**
   * Puts arrays back, inside too, with whatever they hold: after a step that failed, what has
   * replaced them may be gone.
   *
   * @param fixed the arrays that were there, in the order of {@link #all()}
   */
  public void restore(List<NDArray> fixed) {
    settle(fixed.iterator(), new NDList(), new NDList());
  }

  private void settle(Iterator<NDArray> fixed, NDList targets, NDList sources) {
    for (int i = 0; i < arrays.size(); i++) {
      NDArray target = fixed.next();
      NDArray source = arrays.set(i, target);
      if (source != target) {
        targets.add(target);
        sources.add(source);
      }
    }
    inner.forEach(state -> state.settle(fixed, targets, sources));
  }

  /** Returns the state of a layer inside. */
  public LayerState inner(int index) {
    return inner.get(index);
  }

  /** Returns the number of steps so far, which is the position of the next one. */
  public long position() {
    return position;
  }

  /**
   * Counts further steps.
   *
   * @return the position of the first of them
   * @throws IllegalStateException if there is no room for them
   */
  public long advance(long steps) {
    if (position + steps > capacity) {
      throw new IllegalStateException(
          "the state holds "
              + capacity
              + " steps and "
              + (position + steps)
              + " were asked for; start one with more capacity");
    }
    long first = position;
    position += steps;
    return first;
  }

  /** Returns all arrays, those of the layers inside included. */
  public Stream<NDArray> all() {
    return Stream.concat(arrays.stream(), inner.stream().flatMap(LayerState::all));
  }

  /**
   * Returns the names of {@link #all()} in its order: the places of the states inside, then its
   * own.
   */
  public Stream<String> names() {
    return Stream.concat(
        IntStream.range(0, arrays.size()).mapToObj(String::valueOf),
        IntStream.range(0, inner.size())
            .boxed()
            .flatMap(i -> inner.get(i).names().map(name -> i + "." + name)));
  }

  /** Returns to the beginning of a sequence, keeping the memory. */
  public void clear() {
    position = 0;
    Tensors.zero(arrays);
    inner.forEach(LayerState::clear);
  }
}
