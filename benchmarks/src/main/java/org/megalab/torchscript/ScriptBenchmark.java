package org.megalab.torchscript;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.megalab.HotPath;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What a call of a script costs beside its work: one that adds two numbers. */
public class ScriptBenchmark extends HotPath {
  private static final String SOURCE =
      """
      def add(a: Tensor, b: Tensor) -> Tensor:
          return a + b


      def add_first(a: Tensor, others: List[Tensor]) -> Tensor:
          return a + others[0]
      """;

  /** The arrays of the list. */
  @Param({"1", "16", "128"})
  int arrays;

  private NDManager manager;
  private Script script;
  private NDArray a;
  private NDList others;

  @Setup
  public void setUp() {
    manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    script = Script.source("bench", SOURCE);
    a = manager.ones(new Shape(1));
    others = new NDList();
    for (int i = 0; i < arrays; i++) {
      others.add(manager.ones(new Shape(1)));
    }
  }

  @TearDown
  public void tearDown() {
    script.close();
    manager.close();
  }

  @Benchmark
  public void twoArrays() {
    script.call("add", false, a, a).close();
  }

  @Benchmark
  public void aList() {
    script.call("add_first", false, a, others).close();
  }

  /** The same work through an operator of DJL. */
  @Benchmark
  public void operator() {
    a.add(a).close();
  }
}
