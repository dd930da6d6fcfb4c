package org.megalab.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.function.Supplier;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/**
 * Work that keeps a GPU occupied while the Java side hands over what comes behind it: the device
 * then goes through that without ever waiting for Java, and what it takes longer than the backlog
 * alone is the time that it works on it. The backlog needs two threads of the whole GPU, so that it
 * takes no power from what comes behind.
 */
final class Backlog implements AutoCloseable {
  private static final Script SCRIPT = Script.resource(Backlog.class, "throughput");
  private static final int LENGTH = 1 << 14;
  private static final int PROBE = 20;

  /** It lasts longer than Java needs to hand over the work behind it. */
  private static final double MARGIN = 1.5;

  private final NDManager manager;
  private final NDArray a;
  private final int count;

  /**
   * Prepares a backlog.
   *
   * @param owner on the device
   * @param seconds how long the work behind it takes at most, Java's part included
   */
  Backlog(NDManager owner, double seconds) {
    manager = owner.newSubManager();
    a = manager.randomNormal(new Shape(LENGTH, 2));
    time(PROBE); // the first are slower
    count = (int) Math.max(1, Math.min(1e6, MARGIN * seconds / time(PROBE) * PROBE));
  }

  /**
   * Returns the seconds that the device works on something which is handed over while it is
   * occupied.
   *
   * @param work hands it over; its result is there when the device is through with it
   */
  double behind(Supplier<NDArray> work) {
    double alone = time(count);
    long begin = System.nanoTime();
    issue(count);
    Tensors.floats(work.get());
    return (System.nanoTime() - begin) / 1e9 - alone;
  }

  private NDArray issue(int kernels) {
    return SCRIPT.call("occupy", false, a, kernels);
  }

  private double time(int kernels) {
    long begin = System.nanoTime();
    try (NDArray last = issue(kernels)) {
      Tensors.floats(last);
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  @Override
  public void close() {
    manager.close();
  }
}
