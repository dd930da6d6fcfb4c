package org.megalab.interop;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DJL has a reader and a writer of its own: each takes what the other side wrote. */
class SafetensorsDjlTest {
  @TempDir Path folder;

  @Test
  void djlReadsWhatIsWritten() throws IOException {
    Path path = folder.resolve("ours.safetensors");
    new SafetensorsWriter()
        .metadata("step", "3")
        .floats("w", new float[] {1.5f, -2, 3, 4, 5, 6.25f}, 2, 3)
        .longs("ids", new long[] {7, -8}, 2)
        .doubles("d", new double[] {0.1}, 1)
        .bytes("mask", new byte[] {1, 0, -1}, 3)
        .write(path);
    try (NDManager manager = NDManager.newBaseManager();
        InputStream in = Files.newInputStream(path)) {
      NDList list = NDList.decode(manager, in);
      assertThat(list).hasSize(4);
      assertThat(list.get("w").getShape()).isEqualTo(new Shape(2, 3));
      assertThat(list.get("w").toFloatArray()).containsExactly(1.5f, -2, 3, 4, 5, 6.25f);
      assertThat(list.get("ids").toLongArray()).containsExactly(7, -8);
      assertThat(list.get("d").toDoubleArray()).containsExactly(0.1);
      assertThat(list.get("mask").toUint8Array()).containsExactly(1, 0, 255);
    }
  }

  @Test
  void whatDjlWritesIsRead() throws IOException {
    Path path = folder.resolve("theirs.safetensors");
    try (NDManager manager = NDManager.newBaseManager();
        OutputStream out = Files.newOutputStream(path)) {
      NDArray w = manager.create(new float[] {1.5f, -2, 3, 4}, new Shape(4, 1));
      w.setName("w");
      NDArray half = w.toType(DataType.FLOAT16, true);
      half.setName("half");
      NDArray ids = manager.create(new int[] {7, -8});
      ids.setName("ids");
      new NDList(w, half, ids).encode(out, NDList.Encoding.SAFETENSORS);
    }
    Safetensors file = Safetensors.open(path);
    assertThat(file.names()).containsExactly("half", "ids", "w");
    assertThat(file.shape("w")).containsExactly(4, 1);
    assertThat(file.floats("w")).containsExactly(1.5f, -2, 3, 4);
    assertThat(file.dtype("half")).isEqualTo(Dtype.F16);
    assertThat(file.floats("half")).containsExactly(1.5f, -2, 3, 4);
    assertThat(file.longs("ids")).containsExactly(7, -8);
  }
}
