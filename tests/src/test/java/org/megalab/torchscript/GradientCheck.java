package org.megalab.torchscript;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.function.Function;

/** Compares autograd with central differences in float64. */
public final class GradientCheck {
  /**
   * The smaller one where the larger steps over a kink, as of relu; a wrong gradient fails both.
   */
  private static final double[] STEPS = {1e-5, 1e-7};

  private static final double GOOD = 1e-7;

  private GradientCheck() {}

  /**
   * The worst deviation over inputs filled with {@code scale·sin(...)}, relative to the largest
   * entry.
   */
  public static double worst(
      NDManager manager, double scale, Function<NDList, NDArray> function, Shape... shapes) {
    NDList inputs = new NDList();
    for (int n = 0; n < shapes.length; n++) {
      inputs.add(manager.create(fill(n + 1, (int) shapes[n].size(), scale, 0), shapes[n]));
    }
    return worst(function, inputs, Integer.MAX_VALUE);
  }

  /** The worst deviation over at most so many entries, spread evenly, of each float64 leaf. */
  public static double worst(Function<NDList, NDArray> function, NDList leaves, int entries) {
    NDManager manager = leaves.get(0).getManager();
    double worst = 0;
    leaves.forEach(leaf -> leaf.setRequiresGradient(true));
    try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      gradients.backward(weighted(manager, function.apply(leaves)));
    }
    // Entries below this are lost in the rounding of the differences.
    double floor =
        1e-2
            * leaves.stream()
                .mapToDouble(leaf -> leaf.getGradient().abs().max().getDouble())
                .max()
                .orElseThrow();
    for (NDArray leaf : leaves) {
      double[] analytic = leaf.getGradient().toDoubleArray();
      double[] values = leaf.toDoubleArray();
      double largest = Math.max(floor, leaf.getGradient().abs().max().getDouble());
      int stride = Math.max(1, values.length / entries);
      for (int i = 0; i < values.length; i += stride) {
        double kept = values[i];
        double deviation = Double.POSITIVE_INFINITY;
        for (int s = 0; s < STEPS.length && deviation > GOOD; s++) {
          double up = at(function, leaves, leaf, values, i, kept + STEPS[s]);
          double down = at(function, leaves, leaf, values, i, kept - STEPS[s]);
          double difference = (up - down) / (2 * STEPS[s]);
          deviation = Math.min(deviation, Math.abs(difference - analytic[i]) / largest);
        }
        at(function, leaves, leaf, values, i, kept);
        worst = Math.max(worst, deviation);
      }
    }
    return worst;
  }

  /** The deterministic filler of the written oracles: offset + scale·sin(0.7n + 1.3i + 0.1). */
  public static double[] fill(int n, int size, double scale, double offset) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = offset + scale * Math.sin(0.7 * n + 1.3 * i + 0.1);
    }
    return values;
  }

  private static double at(
      Function<NDList, NDArray> function,
      NDList leaves,
      NDArray leaf,
      double[] values,
      int i,
      double value) {
    values[i] = value;
    leaf.set(java.nio.DoubleBuffer.wrap(values));
    try (NDManager step = leaf.getManager().newSubManager()) {
      NDArray result = weighted(leaf.getManager(), function.apply(leaves));
      result.attach(step);
      return result.getDouble();
    }
  }

  /** A fixed weighted sum, so that no gradient cancels. */
  private static NDArray weighted(NDManager manager, NDArray y) {
    NDArray weights = manager.create(fill(9, (int) y.getShape().size(), 1, 0.5), y.getShape());
    return y.toType(DataType.FLOAT64, false).mul(weights).sum();
  }
}
