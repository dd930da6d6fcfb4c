package org.megalab.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenIsRead() {
    Random random = new Random(7);
    float[] floats = new float[3 * 200_001]; // more than two chunks
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.intBitsToFloat(random.nextInt());
    }
    double[] doubles = {1.1, Double.MIN_VALUE, Double.NEGATIVE_INFINITY, -0.0};
    long[] longs = {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE, 1L << 53 | 1, 2};
    byte[] bytes = {0, 1, -1, -128};
    Path path = folder.resolve("all.safetensors");
    new SafetensorsWriter()
        .metadata("text", "line\nquote\" Ω 😀")
        .floats("w", floats, 3, 200_001)
        .doubles("d \"quoted\"", doubles, 2, 2)
        .longs("ids", longs, 6)
        .bytes("mask", bytes, 1, 4, 1)
        .floats("scalar", new float[] {2.5f})
        .floats("empty", new float[0], 0, 5)
        .write(path);
    Safetensors file = Safetensors.open(path);
    assertThat(file.metadata()).hasSize(1).containsEntry("text", "line\nquote\" Ω 😀");
    assertThat(file.names()).containsExactly("d \"quoted\"", "empty", "ids", "mask", "scalar", "w");
    assertThat(file.floats("w")).usingComparator((a, b) -> Arrays.compare(a, b)).isEqualTo(floats);
    assertThat(file.shape("w")).containsExactly(3, 200_001);
    assertThat(file.doubles("d \"quoted\"")).containsExactly(doubles);
    assertThat(file.longs("ids")).containsExactly(longs);
    assertThat(file.buffer("mask").array()).containsExactly(bytes);
    assertThat(file.dtype("mask")).isEqualTo(Dtype.U8);
    assertThat(file.shape("scalar")).isEmpty();
    assertThat(file.floats("scalar")).containsExactly(2.5f);
    assertThat(file.shape("empty")).containsExactly(0, 5);
  }

  @Test
  void bf16IsTheNearestAndTheEvenOfTwo() {
    float[] values = {
      1,
      -2.5f,
      0x1.01p0f,
      0x1.03p0f,
      0x1.010002p0f,
      0x1.00fffep0f,
      -0x1.01p0f,
      Float.MIN_VALUE,
      -0.0f,
      Float.MAX_VALUE,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      Float.intBitsToFloat(0x7F800001)
    };
    Path path = folder.resolve("bf16.safetensors");
    new SafetensorsWriter().bfloat16s("w", () -> values, 13).write(path);
    Safetensors file = Safetensors.open(path);
    assertThat(file.dtype("w")).isEqualTo(Dtype.BF16);
    assertThat(file.floats("w"))
        .containsExactly(
            1,
            -2.5f,
            1,
            0x1.04p0f,
            0x1.02p0f,
            1,
            -1,
            0,
            -0.0f,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NaN,
            Float.NaN);
  }

  @Test
  void whatBf16HoldsIsWrittenExactly() {
    float[] all = new float[1 << 16];
    for (int i = 0; i < all.length; i++) {
      all[i] = Float.intBitsToFloat(i << 16);
    }
    Path path = folder.resolve("all.safetensors");
    new SafetensorsWriter().bfloat16s("w", () -> all, 256, 256).write(path);
    assertThat(Safetensors.open(path).floats("w")).containsExactly(all);
  }

  /**
   * The whole file by hand: sorted names, wide elements first, header padded to a multiple of
   * eight.
   */
  @Test
  void layoutByHand() throws IOException {
    Path path = folder.resolve("small.safetensors");
    new SafetensorsWriter()
        .floats("b", new float[] {1})
        .bytes("a", new byte[] {9}, 1)
        .longs("c", new long[] {2}, 1)
        .write(path);
    String json =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[12,13]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]},"
            + "\"c\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
    json += " ".repeat((8 - json.length() % 8) % 8);
    ByteBuffer expected =
        ByteBuffer.allocate(8 + json.length() + 13).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(json.length()).put(json.getBytes(UTF_8)).putLong(2).putFloat(1).put((byte) 9);
    assertThat(Files.readAllBytes(path)).isEqualTo(expected.array());
  }

  @Test
  void replacesAtOnceAndLeavesNothingBehind() throws IOException {
    Path path = folder.resolve("state.safetensors");
    new SafetensorsWriter().floats("a", new float[] {1}, 1).write(path);
    new SafetensorsWriter().floats("a", new float[] {2}, 1).write(path);
    assertThat(Safetensors.open(path).floats("a")).containsExactly(2);
    Path occupied =
        Files.createDirectories(folder.resolve("occupied/inner")).resolveSibling(".").normalize();
    assertThatThrownBy(() -> new SafetensorsWriter().write(occupied))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("occupied");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> String.valueOf(f.getFileName())))
          .containsOnly("state.safetensors", "occupied");
    }
    assertThatThrownBy(() -> new SafetensorsWriter().write(folder.resolve("gone/x.safetensors")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("gone");
  }

  @Test
  void faultsAreNamed() {
    SafetensorsWriter writer = new SafetensorsWriter().floats("w", new float[6], 2, 3);
    assertThatThrownBy(() -> writer.longs("w", new long[1], 1))
        .hasMessageContainingAll("tensor w", "taken");
    assertThatThrownBy(() -> writer.longs("__metadata__", new long[1], 1))
        .hasMessageContaining("taken");
    assertThatThrownBy(() -> writer.floats("v", new float[6], 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("tensor v", "[2, 2]", "6 values");
    assertThatThrownBy(() -> writer.floats("v", new float[6], -2, -3))
        .hasMessageContaining("[-2, -3]");
    assertThatThrownBy(() -> writer.floats("v", new float[0], 1L << 32, 1L << 32, 0))
        .hasMessageContaining("tensor v");
  }
}
