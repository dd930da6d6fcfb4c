package org.megalab.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.megalab.Gpu;
import org.megalab.OnGpu;

/** Kernels that are recorded and launched again. */
@OnGpu
class CudaGraphOnGpuTest {

  private static final Script SCRIPT =
      Script.source(
          "recorded",
          """
          def step(x: Tensor, w: Tensor) -> Tensor:
              return x.copy_(torch.tanh(torch.matmul(x, w) + 1))
          def reads_back(x: Tensor) -> Tensor:
              return x + int(torch.sum(x).item())
          """);

  @Test
  void theKernelsRunOnWhatTheArraysHoldThen() {
    try (NDManager manager = NDManager.newBaseManager(Gpu.device())) {
      NDArray w = manager.randomNormal(0, 0.1f, new Shape(64, 64), DataType.FLOAT32);
      NDArray x = manager.randomNormal(new Shape(3, 64));
      Runnable step = () -> SCRIPT.call("step", false, x, w).close();
      step.run();
      step.run();
      float[] before = Tensors.floats(x);
      CudaGraph closed;
      try (CudaGraph graph = CudaGraph.record(Gpu.device(), step)) {
        closed = graph;
        assertThat(Tensors.floats(x)).isEqualTo(before);
        for (int i = 0; i < 3; i++) {
          NDArray y = x.duplicate();
          SCRIPT.call("step", false, y, w).close();
          graph.replay();
          assertThat(Tensors.floats(x)).isEqualTo(Tensors.floats(y));
        }
      }
      assertThatThrownBy(closed::replay).hasMessageContaining("closed");
    }
  }

  @Test
  void memoryIsReleasedAfterARecordingThatFailed() {
    try (NDManager manager = NDManager.newBaseManager(Gpu.device())) {
      NDArray x = manager.ones(new Shape(8));
      assertThatThrownBy(
              () -> CudaGraph.record(Gpu.device(), () -> SCRIPT.call("reads_back", false, x)))
          .isInstanceOf(IllegalStateException.class);
      Tensors.releaseUnused(Gpu.device());
      long before = Gpu.usedBytes();
      manager.ones(new Shape(1 << 28)).close(); // 1 GiB
      assertThat(Gpu.usedBytes()).isGreaterThan(before + (1L << 29));
      Tensors.releaseUnused(Gpu.device());
      assertThat(Gpu.usedBytes()).isLessThan(before + (1L << 26));
    }
  }

  @Test
  void workThatReadsBackIsRefusedAndNothingIsLost() {
    try (NDManager manager = NDManager.newBaseManager(Gpu.device())) {
      NDArray x = manager.ones(new Shape(8));
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(
                () -> CudaGraph.record(Gpu.device(), () -> SCRIPT.call("reads_back", false, x)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("reads back")
            .cause()
            .hasMessageContaining("capturing");
        assertThat(SCRIPT.call("reads_back", false, x).getFloat(0)).isEqualTo(9);
      }
      assertThatThrownBy(
              () ->
                  CudaGraph.record(
                      Gpu.device(),
                      () -> {
                        throw new IllegalArgumentException("no shape");
                      }))
          .hasRootCauseMessage("no shape");
      CudaGraph.record(Gpu.device(), () -> Tensors.increment(x)).close();
      assertThat(x.getFloat(0)).isEqualTo(1);
    }
  }

  @Test
  void memoryOfGraphsIsGivenBack() {
    try (NDManager manager = NDManager.newBaseManager(Gpu.device())) {
      NDArray x = manager.ones(new Shape(1 << 24));
      Runnable work =
          () -> {
            try (NDArray square = x.mul(x)) {
              square.add(x).close();
            }
          };
      work.run();
      long before = 0;
      for (int i = 0; i < 20; i++) {
        CudaGraph.record(Gpu.device(), work).close();
        Tensors.releaseUnused(Gpu.device());
        if (i == 2) {
          before = Gpu.usedBytes();
        }
      }
      assertThat(Gpu.usedBytes()).isLessThan(before + (64L << 20));
    }
  }
}
