package org.megalab.layer;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import org.megalab.HotPath;
import org.megalab.torchscript.Precision;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What a layer does before its script is called: gathering its parameters. */
public class ParametersBenchmark extends HotPath {

  /** A layer of some small matrices. */
  private static final class Matrices extends Layer {
    Matrices(int count) {
      for (int i = 0; i < count; i++) {
        parameter("p" + i + ".weight", Initializer.ONES, 2, 2);
      }
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store,
        NDList inputs,
        boolean training,
        PairList<String, Object> parameters) {
      return values(store, inputs.get(0), training);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  /** The parameters of the layer. */
  @Param({"4", "16"})
  int count;

  /** What they are given in; in bfloat16 every step makes copies once. */
  @Param({"FLOAT32", "BFLOAT16"})
  Precision precision;

  private NDManager manager;
  private Matrices layer;
  private NDArray like;
  private ParameterStore store;

  @Setup
  public void setUp() {
    manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    layer = new Matrices(count);
    layer.initialize(manager, DataType.FLOAT32, new Shape(1));
    like = manager.ones(new Shape(1));
    store = precision.store(manager);
  }

  @TearDown
  public void tearDown() {
    manager.close();
  }

  /** Gathers them in the course of a step. */
  @Benchmark
  public NDList values() {
    return layer.values(store, like, false);
  }

  /** Gathers them for the first time in a step. */
  @Benchmark
  public void firstValues() {
    try (NDManager step = manager.newSubManager()) {
      layer.values(precision.store(step), like, false);
    }
  }
}
