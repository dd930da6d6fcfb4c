package org.megalab.model;

import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.megalab.torchscript.CudaGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that comes again and again. On a GPU its kernels are recorded, and from then on launched at
 * once; on a CPU it is run each time.
 *
 * <p>Work reads fixed arrays and leaves its results in fixed arrays. What its kernels depend on
 * besides is its key.
 */
final class Recordings implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(Recordings.class);

  /** The runs behind the first one before a recording, in which scripts are compiled. */
  private static final int PRACTICE = 2;

  /** How often in all it is tried to record. */
  private static final int ATTEMPTS = 3;

  private final NDManager owner;
  private final String what;
  private final Runnable makeRoom;
  private final Map<Object, CudaGraph> graphs = new HashMap<>();

  /** How often work was run, by its keys. */
  private final Map<Object, Integer> practice;

  /** What was run here: work that comes once is not worth recording. */
  private final Set<Object> taken = new HashSet<>();

  private boolean records;
  private int failures;

  /**
   * Creates an empty collection.
   *
   * @param what for messages, such as "the steps"
   * @param owner belongs to the device
   * @param practice how often the same work was run, by this and other collections
   * @param makeRoom runs before each recording, which has memory of its own
   */
  Recordings(String what, NDManager owner, Map<Object, Integer> practice, Runnable makeRoom) {
    this.what = what;
    this.owner = owner;
    this.practice = practice;
    this.makeRoom = makeRoom;
    records = CudaGraph.isSupported(owner.getDevice());
  }

  /** Returns whether work is recorded here. */
  boolean records() {
    return records;
  }

  /**
   * Does some work.
   *
   * @param key tells it from others
   * @param work does it
   */
  void take(Object key, Runnable work) {
    CudaGraph graph = graphs.get(key);
    if (graph != null) {
      graph.replay();
    } else if (records && !taken.add(key) && practice.merge(key, 1, Integer::sum) > PRACTICE) {
      record(key, work);
    } else {
      work.run();
    }
  }

  private void record(Object key, Runnable work) {
    makeRoom.run();
    try {
      graphs.put(key, CudaGraph.record(owner.getDevice(), work));
    } catch (IllegalStateException e) {
      failures++; // memory is short, or somebody's layer does what cannot be recorded
      if (failures == ATTEMPTS) {
        records = false;
        close(); // nothing is replayed any more
        LOGGER.warn("{} are not recorded, and slower: {}", what, e.toString());
      }
      makeRoom.run();
      work.run();
      return;
    }
    take(key, work);
  }

  /** Returns how much is recorded. */
  int recorded() {
    return graphs.size();
  }

  /** Frees what was recorded; it is recorded anew where it comes again. */
  @Override
  public void close() {
    graphs.values().forEach(CudaGraph::close);
    graphs.clear();
  }
}
