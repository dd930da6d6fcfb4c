package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.Place;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/** The steps of a decoding state, which are recorded on a GPU. */
final class RecordedSteps implements AutoCloseable {

  /** The least entries of a cache that are read. */
  private static final int LEAST_REACH = 256;

  private final NDManager owner;
  private final Recordings recordings;
  private boolean byPlaces;

  /** The positions that kernels go by, by the names of their sequences. */
  private final Map<String, Counter> counters = new HashMap<>();

  /**
   * Creates an empty collection.
   *
   * @param owner belongs to the device and owns what the steps share
   * @param practice how often steps of the same model and batch were run, for all its states
   */
  RecordedSteps(NDManager owner, Map<Object, Integer> practice) {
    this.owner = owner;
    recordings = new Recordings("the steps of a decoding state", owner, practice, () -> {});
  }

  /**
   * Takes a step.
   *
   * @param key tells it from others
   * @param step runs it
   */
  void take(Object key, Runnable step) {
    recordings.take(key, recordings.records() ? () -> Script.fused(step) : step);
  }

  /** Returns how many steps are recorded. */
  int recorded() {
    return recordings.recorded();
  }

  /** Has steps go by places where they are not recorded either: a rehearsal. */
  void goByPlaces() {
    byPlaces = true;
  }

  /**
   * Takes a step of a sequence, whose kernels depend on its position. They are recorded for all
   * positions up to the next power of two.
   *
   * @param sequence tells it from others
   * @param at the position
   * @param limit the entries that a cache has at most
   * @param step runs it, by the place given; null for the state's own position
   */
  void takeAt(String sequence, long at, long limit, Consumer<@Nullable Place> step) {
    if (!recordings.records() && !byPlaces) {
      step.accept(null);
      return;
    }
    Counter counter = counters.computeIfAbsent(sequence, name -> new Counter(owner));
    counter.set(at);
    int reach = reach(at, limit);
    take(
        List.of(sequence, reach),
        () -> {
          step.accept(new Place(counter.array, reach));
          Tensors.increment(counter.array);
        });
    counter.value = at + 1;
  }

  /** A position that kernels go by, and what Java knows of it. */
  private static final class Counter {
    final NDArray array; // (1) int64
    long value;

    Counter(NDManager owner) {
      array = owner.zeros(new Shape(1), DataType.INT64);
    }

    void set(long position) {
      if (value != position) {
        Tensors.set(array, position);
        value = position;
      }
    }
  }

  private static int reach(long at, long limit) {
    long reach = Math.max(LEAST_REACH, Long.highestOneBit(at) * 2);
    return (int) Math.min(reach, limit);
  }

  /** Frees what was recorded. */
  @Override
  public void close() {
    recordings.close();
  }
}
