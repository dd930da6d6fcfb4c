package org.megalab.torchscript;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class TensorsTest {

  /** Reading an array out of order needs a copy, as reading one on a GPU does. */
  @Test
  void readingLeavesNothingBehind() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray floats = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3)).transpose();
      NDArray doubles = floats.toType(DataType.FLOAT64, true);
      floats.setRequiresGradient(true);
      int held = manager.getManagedArrays().size();
      assertThat(Tensors.floats(floats)).containsExactly(1, 4, 2, 5, 3, 6);
      assertThat(Tensors.doubles(doubles)).containsExactly(1, 4, 2, 5, 3, 6);
      assertThat(Tensors.floats(floats.get("0"))).containsExactly(1, 4);
      assertThat(manager.getManagedArrays()).hasSize(held + 1); // the slice
      assertThat(floats.getManager()).isSameAs(manager);
      assertThat(floats.hasGradient()).isTrue();
    }
  }
}
