package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.Place;
import org.megalab.torchscript.CudaGraph;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a decoding state. On a GPU the kernels of a step are recorded, and from then on
 * launched at once wherever the step comes again; on a CPU every step is run.
 *
 * <p>A step reads fixed arrays and leaves its results in fixed arrays. What its kernels depend on
 * besides is its key.
 */
final class RecordedSteps implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(RecordedSteps.class);

  /** The runs before the first recording of a model, in which scripts are compiled. */
  private static final int PRACTICE = 2;

  /** The least entries of a cache that are read. */
  private static final int LEAST_REACH = 256;

  private final NDManager owner;
  private final Map<Object, CudaGraph> graphs = new HashMap<>();

  /** How often steps were run, by their keys. */
  private final Map<Object, Integer> practice;

  /** The steps that this state has run: one that it takes once is not worth recording. */
  private final Set<Object> taken = new HashSet<>();

  private boolean records;
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
    this.practice = practice;
    records = CudaGraph.isAvailable(owner.getDevice());
  }

  /**
   * Takes a step.
   *
   * @param key tells it from others
   * @param step runs it
   */
  void take(Object key, Runnable step) {
    CudaGraph graph = graphs.get(key);
    if (graph != null) {
      graph.replay();
    } else if (!records) {
      step.run();
    } else if (!taken.add(key) && practice.merge(key, 1, Integer::sum) > PRACTICE) {
      record(key, step);
    } else {
      Script.fused(step);
    }
  }

  private void record(Object key, Runnable step) {
    try {
      graphs.put(key, CudaGraph.record(owner.getDevice(), () -> Script.fused(step)));
    } catch (IllegalStateException e) {
      LOGGER.warn("the steps of a decoding state are not recorded, and slower: {}", e.toString());
      records = false; // memory is short, or somebody's layer does what cannot be recorded
      step.run();
      return;
    }
    take(key, step);
  }

  /** Returns how many steps are recorded. */
  int recorded() {
    return graphs.size();
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
    if (!records && !byPlaces) {
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
    graphs.values().forEach(CudaGraph::close);
    graphs.clear();
  }
}
