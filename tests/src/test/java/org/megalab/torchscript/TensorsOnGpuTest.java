package org.megalab.torchscript;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.megalab.Gpu;
import org.megalab.OnGpu;

/** What a training step uploads. */
@OnGpu
class TensorsOnGpuTest {

  @Test
  void arraysOfEveryTypeAreUploaded() {
    try (NDManager manager = NDManager.newBaseManager(Gpu.device())) {
      int held = manager.getManagedArrays().size();
      Shape shape = new Shape(2, 2);
      NDArray longs = Tensors.longs(manager, new long[] {1, -2, 3, 1L << 40}, shape);
      NDArray floats =
          Tensors.upload(manager, host -> host.create(new float[] {1, -2, 3, 0.5f}, shape));
      NDArray flags =
          Tensors.upload(
              manager, host -> host.create(new boolean[] {true, false, false, true}, shape));
      NDArray scalar = Tensors.upload(manager, host -> host.create(7L));
      assertThat(manager.getManagedArrays()).hasSize(held + 4);
      for (NDArray array : new NDArray[] {longs, floats, flags, scalar}) {
        assertThat(array.getDevice()).isEqualTo(Gpu.device());
        assertThat(array.getManager()).isSameAs(manager);
      }
      assertThat(longs.toLongArray()).containsExactly(1, -2, 3, 1L << 40);
      assertThat(floats.toFloatArray()).containsExactly(1, -2, 3, 0.5f);
      assertThat(flags.getDataType()).isEqualTo(DataType.BOOLEAN);
      assertThat(flags.toBooleanArray()).containsExactly(true, false, false, true);
      assertThat(scalar.getShape()).isEqualTo(new Shape());
      assertThat(scalar.getLong()).isEqualTo(7);
      floats.setRequiresGradient(true);
      try (Autograd autograd = new Autograd()) {
        autograd.backward(Tensors.scaled(floats.sum(), 0.25));
      }
      assertThat(floats.getGradient().toFloatArray()).containsOnly(0.25f);
    }
  }
}
