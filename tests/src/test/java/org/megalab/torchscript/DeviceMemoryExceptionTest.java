package org.megalab.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Failures for want of memory: which they are, and what they say. */
class DeviceMemoryExceptionTest {

  private static DeviceMemoryException translated(String message) {
    RuntimeException failure = new EngineException(message);
    RuntimeException translated = DeviceMemoryException.translate(failure);
    assertThat(translated).isInstanceOf(DeviceMemoryException.class).hasCause(failure);
    return (DeviceMemoryException) translated;
  }

  /** The text of libtorch 2.7 and 2.11. */
  @ParameterizedTest
  @ValueSource(strings = {"this process has", "Process 4711 has"})
  void readsTheSizesOfCuda(String process) {
    DeviceMemoryException e =
        translated(
            "CUDA out of memory. Tried to allocate 512.00 MiB. GPU 1 has a total capacity of 139.72"
                + " GiB of which 12.25 MiB is free. Including non-PyTorch memory, "
                + process
                + " 139.70 GiB memory in use. Of the allocated memory 130.00 GiB is allocated by"
                + " PyTorch, and 5.00 GiB is reserved by PyTorch but unallocated.");
    assertThat(e)
        .hasMessage(
            "GPU 1 is full: 512.0 MiB were asked for, 12.3 MiB of 139.72 GiB are free, this process"
                + " holds 139.70 GiB");
    assertThat(e.place()).isEqualTo("GPU 1");
    assertThat(e.requestedBytes()).isEqualTo(512L << 20);
    assertThat(e.freeBytes()).isEqualTo((long) (12.25 * (1 << 20)));
    assertThat(e.totalBytes()).isEqualTo(Math.round(139.72 * (1 << 30)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "cuFFT error: CUFFT_ALLOC_FAILED",
        "CUDA error: out of memory"
      })
  void knowsTheOtherLibraries(String message) {
    DeviceMemoryException e = translated(message);
    assertThat(e.place()).isEqualTo("GPU 0");
    assertThat(e.requestedBytes()).isEqualTo(DeviceMemoryException.UNKNOWN);
  }

  @Test
  void leavesOtherFailuresAlone() {
    RuntimeException other = new EngineException("CUDA error: device-side assert triggered");
    assertThat(DeviceMemoryException.translate(other)).isSameAs(other);
    RuntimeException known = translated("CUDA out of memory.");
    assertThat(DeviceMemoryException.translate(new IllegalStateException(known))).isSameAs(known);
  }

  @Test
  void saysWhatWasDoneAndWhatToTry() {
    DeviceMemoryException e =
        translated("CUDA out of memory. Tried to allocate 2.00 GiB.").during("step 3", "Try less");
    assertThat(e).hasMessageStartingWith("step 3: GPU 0 is full: 2.00 GiB were asked for");
    assertThat(e).hasMessageEndingWith(". Try less");
    assertThat(e.requestedBytes()).isEqualTo(2L << 30);
  }

  /** The real thing, on the CPU: a product of 4 TB from two vectors. */
  @Test
  void aScriptThatAsksForTooMuchFailsWithSizes() {
    try (Script script =
            Script.source(
                "outer", "def forward(x: Tensor) -> Tensor:\n    return x[:, None] * x[None]\n");
        NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      NDArray x = manager.ones(new Shape(1_000_000));
      DeviceMemoryException e =
          catchThrowableOfType(DeviceMemoryException.class, () -> script.call("forward", false, x));
      assertThat(e.requestedBytes()).isEqualTo(4_000_000_000_000L);
      assertThat(e.place()).isEqualTo("the main memory");
      assertThat(e.totalBytes()).isGreaterThan(e.freeBytes()).isGreaterThan(1 << 30);
      assertThat(e.getCause())
          .isInstanceOf(ScriptException.class)
          .hasMessageContaining("x[:, None]");
      try (NDArray small = script.call("forward", false, x.get(":3"))) {
        assertThat(small.toFloatArray()).hasSize(9).containsOnly(1);
      }
    }
  }

  @Test
  void aBackwardThatAsksForTooMuchFailsWithSizes() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        Autograd autograd = new Autograd()) {
      NDArray x = manager.ones(new Shape(1));
      x.setRequiresGradient(true);
      // The values of the sum take no memory, its gradient 4 TB.
      NDArray wide = x.broadcast(new Shape(1_000_000_000_000L));
      NDArray y = wide.get("0:1").sum();
      DeviceMemoryException e =
          catchThrowableOfType(DeviceMemoryException.class, () -> autograd.backward(y));
      assertThat(e.requestedBytes()).isEqualTo(4_000_000_000_000L);
    }
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        Autograd autograd = new Autograd()) {
      NDArray x = manager.ones(new Shape(1));
      x.setRequiresGradient(true);
      autograd.backward(x.mul(3).sum());
      assertThat(x.getGradient().toFloatArray()).containsExactly(3);
    }
  }
}
