package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.nio.DoubleBuffer;
import java.util.Random;
import org.megalab.torchscript.GradientCheck;

/** Layers and arrays in float64 with known values. */
final class Filled {

  private Filled() {}

  /** offset + scale · sin(0.7n + 1.3i + 0.1). */
  static NDArray array(NDManager manager, int n, double scale, double offset, long... shape) {
    Shape full = new Shape(shape);
    return manager.create(GradientCheck.fill(n, (int) full.size(), scale, offset), full);
  }

  /** Gives a layer parameters in float64, each moved by random numbers in [−scale, scale]. */
  static <L extends Layer> L layer(NDManager manager, L layer, double scale) {
    layer.initialize(manager, DataType.FLOAT64, new Shape(1));
    Random random = new Random(11);
    layer
        .namedParameters()
        .forEach(
            (name, p) -> {
              double[] values = p.getArray().toDoubleArray();
              for (int i = 0; i < values.length; i++) {
                values[i] += scale * (2 * random.nextDouble() - 1);
              }
              set(layer, name, values);
            });
    return layer;
  }

  /** Sets a parameter. */
  static void set(Layer layer, String path, double... values) {
    layer.weight(path).set(DoubleBuffer.wrap(values));
  }

  /** Sets a parameter to offset + scale · sin(0.7n + 1.3i + 0.1). */
  static void set(Layer layer, String path, int n, double scale, double offset) {
    set(
        layer,
        path,
        GradientCheck.fill(n, (int) layer.weight(path).getShape().size(), scale, offset));
  }

  /** Returns where layers get their parameters. */
  static ParameterStore store(NDManager manager) {
    return new ParameterStore(manager, false);
  }

  /** The worst deviation of a layer's gradients, its input's included. */
  static double gradientError(NDManager manager, SequenceLayer layer, NDArray x, int entries) {
    NDList leaves = new NDList(x);
    layer
        .namedParameters()
        .values()
        .forEach(
            p -> {
              if (p.requiresGradient()) {
                leaves.add(p.getArray());
              }
            });
    return GradientCheck.worst(
        inputs -> layer.forward(store(manager), inputs.get(0), true), leaves, entries);
  }

  /** The largest difference of two arrays of one shape. */
  static double distance(NDArray a, NDArray b) {
    if (!a.getShape().equals(b.getShape())) {
      throw new AssertionError(a.getShape() + " is not " + b.getShape());
    }
    return a.sub(b).abs().max().getDouble();
  }

  /** Padding (B, T) of the steps from {@code begin[b]} until {@code end[b]} of each row. */
  static NDArray padding(NDManager manager, int length, int[] begin, int[] end) {
    boolean[] padding = new boolean[begin.length * length];
    for (int b = 0; b < begin.length; b++) {
      java.util.Arrays.fill(padding, b * length + begin[b], b * length + end[b], true);
    }
    return manager.create(padding, new Shape(begin.length, length));
  }

  /** The steps of (B, T, D) in reverse order. */
  static NDArray reversed(NDArray x) {
    return x.flip(1);
  }

  /** What a layer gives for parts of x, one after the other with one state. */
  static NDArray streamed(NDManager manager, StreamingLayer layer, NDArray x, int... lengths) {
    int batch = (int) x.getShape().get(0);
    int steps = (int) x.getShape().get(1);
    LayerState state = layer.newState(manager, x.getDataType(), batch, steps);
    NDList parts = new NDList();
    int from = 0;
    for (int i = 0; from < steps; i++) {
      int to = Math.min(steps, from + lengths[i % lengths.length]);
      parts.add(layer.forward(store(manager), x.get(":, {}:{}", from, to), state, false));
      from = to;
    }
    return ai.djl.ndarray.NDArrays.concat(parts, 1);
  }
}
