package org.megalab.torchscript;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;

class ReadbackTest {

  @Test
  void scalarsAreReadExactlyAndAsTheyWere() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      NDArray single = manager.create(0.1f);
      NDArray exact = manager.create(1 / 3.0);
      NDArray missing = manager.create(Float.NaN);
      int held = manager.getManagedArrays().size();
      try (Readback numbers = Readback.of(new NDList(single, exact, missing))) {
        single.addi(1);
        exact.close();
        assertThat(numbers.await()).containsExactly(0.1f, 1 / 3.0, Double.NaN);
        assertThat(numbers.await()).containsExactly(0.1f, 1 / 3.0, Double.NaN);
      }
      assertThat(manager.getManagedArrays()).hasSize(held - 1);
      Readback.of(new NDList(single)).close();
      assertThat(manager.getManagedArrays()).hasSize(held - 1);
      assertThat(Readback.isAsynchronous(Device.cpu())).isFalse();
    }
  }
}
