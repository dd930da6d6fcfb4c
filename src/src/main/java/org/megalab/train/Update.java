package org.megalab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.megalab.torchscript.Readback;

/**
 * An update that was handed over to the device, which may still be working on it.
 *
 * @param batch its rows
 * @param learningRate its learning rate
 * @param shares how much the parts of its cost count
 * @param scalars these parts, and the norm of the gradients
 */
record Update(Task.Batch batch, double learningRate, List<Double> shares, Readback scalars)
    implements AutoCloseable {

  /**
   * What an update came to.
   *
   * @param loss the mean cost in nats
   * @param norm the global norm of the gradients before clipping
   */
  record Numbers(double loss, double norm) {

    boolean areFinite() {
      return Double.isFinite(loss) && Double.isFinite(norm);
    }
  }

  /** Starts to read what it comes to; cost and norm may be closed then. */
  static Update of(Task.Batch batch, double learningRate, Gradients.Cost cost, NDArray norm) {
    NDList scalars = new NDList(cost.parts());
    scalars.add(norm);
    return new Update(batch, learningRate, cost.shares(), Readback.of(scalars));
  }

  /** Waits until the device is through with it. */
  Numbers await() {
    double[] values = scalars.await();
    double loss = 0;
    for (int part = 0; part < shares.size(); part++) {
      loss += shares.get(part) * values[part];
    }
    return new Numbers(loss, values[shares.size()]);
  }

  @Override
  public void close() {
    scalars.close();
  }
}
