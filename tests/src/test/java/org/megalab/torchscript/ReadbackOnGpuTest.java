package org.megalab.torchscript;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.megalab.Gpu;
import org.megalab.OnGpu;

/** Scalars that are read while a GPU works on. */
@OnGpu
class ReadbackOnGpuTest {

  private static final Script SCRIPT =
      Script.source(
          "long_work",
          """
          def step(x: Tensor, w: Tensor) -> Tensor:
              return x.copy_(torch.matmul(x, w))
          """);

  /** About two seconds of an H200. */
  private static final int STEPS = 100;

  private static final int WIDTH = 8192;

  @Test
  void nothingWaitsForWorkHandedOverLater() {
    try (NDManager manager = NDManager.newBaseManager(Gpu.device())) {
      NDArray x = manager.ones(new Shape(WIDTH, WIDTH));
      NDArray w = manager.full(new Shape(WIDTH, WIDTH), 1f / WIDTH, DataType.FLOAT32);
      NDArray count = manager.zeros(new Shape());
      NDArray exact = manager.create(1 / 3.0);
      assertThat(Readback.isAsynchronous(Gpu.device())).isTrue();
      SCRIPT.call("step", false, x, w).close();
      for (int round = 0; round < 2; round++) { // the first allocates
        Tensors.increment(count);
        long start = System.nanoTime();
        try (Readback numbers = Readback.of(new NDList(count, exact))) {
          for (int i = 0; i < STEPS; i++) {
            SCRIPT.call("step", false, x, w).close();
          }
          Tensors.increment(count);
          assertThat(numbers.await()).containsExactly(2 * round + 1, 1 / 3.0);
          long awaited = System.nanoTime() - start;
          assertThat((double) count.getFloat()).isEqualTo(2 * round + 2);
          long through = System.nanoTime() - start;
          System.out.printf("after %,d of %,d us%n", awaited / 1000, through / 1000);
          if (round == 1) {
            assertThat(awaited).isLessThan(through / 2);
          }
        }
      }
    }
  }

  @Test
  void whatIsNotAwaitedIsFreed() {
    try (NDManager manager = NDManager.newBaseManager(Gpu.device())) {
      NDArray one = manager.ones(new Shape());
      int held = manager.getManagedArrays().size();
      for (int i = 0; i < 1000; i++) {
        Readback.of(new NDList(one)).close();
      }
      assertThat(manager.getManagedArrays()).hasSize(held);
      try (Readback numbers = Readback.of(new NDList(one))) {
        assertThat(numbers.await()).containsExactly(1);
      }
    }
  }
}
