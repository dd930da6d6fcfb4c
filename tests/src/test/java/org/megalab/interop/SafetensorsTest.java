package org.megalab.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading: reference files, every element type, sizes beyond 2 GiB. */
class SafetensorsTest {
  @TempDir Path folder;

  private static Path golden(String name) throws Exception {
    return Path.of(
        Objects.requireNonNull(
                SafetensorsTest.class.getResource("/golden/" + name + ".safetensors"))
            .toURI());
  }

  private Path file(String json, ByteBuffer data) throws IOException {
    byte[] header = json.getBytes(UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + header.length + data.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(header.length).put(header).put(data);
    return Files.write(folder.resolve("x.safetensors"), all.array());
  }

  private Safetensors one(Dtype dtype, int elements, ByteBuffer data) throws IOException {
    String json =
        "{\"t\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(dtype, elements, data.remaining());
    return Safetensors.open(file(json, data));
  }

  private static ByteBuffer shorts(int... values) {
    ByteBuffer data = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      data.putShort((short) value);
    }
    return data.flip();
  }

  @Test
  void readsReferenceFile() throws Exception {
    Safetensors file = Safetensors.open(golden("megabyte_2stage"));
    assertThat(file.metadata())
        .containsEntry("module", "megabyte_lm")
        .containsEntry("source", "lucidrains/MEGABYTE-pytorch@21eec73");
    assertThat(file.names()).contains("input.ids", "output.loss").doesNotContain("__metadata__");
    assertThat(file.dtype("input.ids")).isEqualTo(Dtype.I64);
    assertThat(file.shape("input.ids")).containsExactly(2, 32);
    assertThat(Arrays.stream(file.longs("input.ids")).boxed())
        .hasSize(64)
        .allMatch(id -> id >= 0 && id < 64);
    assertThat(file.shape("output.loss")).isEmpty();
    assertThat(file.floats("output.loss")).hasSize(1);
    for (String name : file.names()) {
      long elements = Arrays.stream(file.shape(name)).reduce(1, (a, b) -> a * b);
      assertThat(file.doubles(name)).as(name).hasSize((int) elements).doesNotContain(Double.NaN);
    }
  }

  /** Numbers that NumPy computed from the same file. */
  @Test
  void valuesAgreeWithNumPy() throws Exception {
    Safetensors file = Safetensors.open(golden("megabyte_3stage"));
    assertThat(file.names()).hasSize(135);
    assertThat(file.floats("output.loss")).containsExactly(4.32194f);
    assertThat(Arrays.stream(file.longs("input.ids")).limit(5))
        .containsExactly(14L, 22L, 53L, 29L, 16L);
    assertThat(Arrays.stream(file.longs("input.ids")).sum()).isEqualTo(1986);
    double[] logits = file.doubles("output.logits");
    double weighted = 0;
    for (int i = 0; i < logits.length; i++) {
      weighted += i * logits[i];
    }
    assertThat(weighted).isEqualTo(-69634.13581571181, within(1e-6));
  }

  @Test
  void bf16IsTheUpperHalfOfAFloat() throws IOException {
    int[] all = new int[1 << 16];
    Arrays.setAll(all, i -> i);
    Safetensors file = one(Dtype.BF16, all.length, shorts(all));
    float[] floats = file.floats("t");
    double[] doubles = file.doubles("t");
    for (int bits : all) {
      int exponent = (bits >> 7) & 0xFF;
      int fraction = bits & 0x7F;
      double expected =
          exponent == 255
              ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
              : exponent == 0
                  ? fraction * Math.pow(2, -133)
                  : (128 + fraction) * Math.pow(2, exponent - 134);
      expected = bits >= 0x8000 ? -expected : expected;
      assertThat(doubles[bits]).isEqualTo(Double.valueOf(expected));
      assertThat(floats[bits]).isEqualTo(Float.valueOf((float) expected));
    }
  }

  @Test
  void f16KnownValues() throws IOException {
    Safetensors file =
        one(
            Dtype.F16,
            12,
            shorts(
                0, 0x8000, 1, 0x03FF, 0x0400, 0x3555, 0x3BFF, 0x3C00, 0x3C01, 0xC000, 0x7BFF,
                0xFC00));
    assertThat(file.doubles("t"))
        .containsExactly(
            0.0,
            -0.0,
            5.9604644775390625e-8,
            6.097555160522461e-5,
            6.103515625e-5,
            0.333251953125,
            0.99951171875,
            1,
            1.0009765625,
            -2,
            65504,
            Double.NEGATIVE_INFINITY);
    assertThat(file.floats("t")[5]).isEqualTo(0x1.554p-2f);
    assertThat(one(Dtype.F16, 1, shorts(0x7E00)).floats("t")[0]).isNaN();
  }

  /** The values of the FP8 formats' definition (Micikevicius et al. 2022, table 1). */
  @Test
  void f8KnownValues() throws IOException {
    byte[] e4m3 = {0, (byte) 0x80, 1, 7, 8, 0x38, 0x39, (byte) 0xC0, 0x7E, (byte) 0xFE};
    assertThat(one(Dtype.F8_E4M3, 10, ByteBuffer.wrap(e4m3)).doubles("t"))
        .containsExactly(0.0, -0.0, 0x1p-9, 0.875 * 0x1p-6, 0x1p-6, 1, 1.125, -2, 448, -448);
    byte[] e5m2 = {0, 1, 3, 4, 0x3C, 0x3D, (byte) 0xC0, 0x7B, 0x7C, (byte) 0xFC};
    assertThat(one(Dtype.F8_E5M2, 10, ByteBuffer.wrap(e5m2)).floats("t"))
        .containsExactly(
            0,
            0x1p-16f,
            0.75f * 0x1p-14f,
            0x1p-14f,
            1,
            1.25f,
            -2,
            57344,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY);
    byte[] nan = {0x7F, (byte) 0xFF};
    assertThat(one(Dtype.F8_E4M3, 2, ByteBuffer.wrap(nan)).floats("t")).containsOnly(Float.NaN);
    assertThat(one(Dtype.F8_E5M2, 2, ByteBuffer.wrap(nan)).floats("t")).containsOnly(Float.NaN);
  }

  @Test
  void unsignedNumbers() throws IOException {
    assertThat(one(Dtype.U16, 2, shorts(0x8000, 0xFFFF)).longs("t")).containsExactly(32768, 65535);
    ByteBuffer words = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, -2);
    assertThat(one(Dtype.U32, 2, words.duplicate()).longs("t"))
        .containsExactly(0xFFFFFFFEL, 0xFFFFFFFFL);
    Safetensors large = one(Dtype.U64, 1, words);
    assertThat(large.floats("t")).containsExactly(0x1p64f);
    assertThat(large.doubles("t")).containsExactly(0x1p64);
    assertThatThrownBy(() -> large.longs("t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("tensor t", "18446744073709551614", "doubles");
    // Just above the middle of two floats: a bit that is lost on the way would round it down.
    ByteBuffer middle =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 0x8000008000000001L);
    assertThat(one(Dtype.U64, 1, middle).floats("t")).containsExactly(0x1.000002p63f);
  }

  @Test
  void wholeNumbersOfEveryWidth() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {0, 1, 127, -128, -1, 2});
    assertThat(one(Dtype.U8, 6, bytes.duplicate()).longs("t"))
        .containsExactly(0, 1, 127, 128, 255, 2);
    assertThat(one(Dtype.I8, 6, bytes.duplicate()).longs("t"))
        .containsExactly(0, 1, 127, -128, -1, 2);
    assertThat(one(Dtype.BOOL, 6, bytes.duplicate()).longs("t")).containsExactly(0, 1, 1, 1, 1, 1);
    assertThat(one(Dtype.I16, 2, shorts(0x8000, 0x7FFF)).longs("t")).containsExactly(-32768, 32767);
    ByteBuffer wide =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, (1L << 62) + 1);
    assertThat(one(Dtype.I64, 1, wide.duplicate()).longs("t")).containsExactly((1L << 62) + 1);
    assertThat(one(Dtype.I64, 1, wide.duplicate()).floats("t")).containsExactly(0x1p62f);
    assertThat(one(Dtype.I32, 2, wide.duplicate()).longs("t")).containsExactly(1, 1 << 30);
    assertThat(one(Dtype.U8, 6, bytes).floats("t")).containsExactly(0, 1, 127, 128, 255, 2);
  }

  @Test
  void floatingPointIsNotTakenForWholeNumbers() throws IOException {
    Safetensors file = one(Dtype.BF16, 1, shorts(0x3F80));
    assertThatThrownBy(() -> file.longs("t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("x.safetensors", "tensor t", "BF16", "floats");
  }

  @Test
  void bufferIsLittleEndian() throws IOException {
    ByteBuffer buffer = one(Dtype.I16, 2, shorts(0x0102, 3)).buffer("t");
    assertThat(buffer.remaining()).isEqualTo(4);
    assertThat(buffer.getShort()).isEqualTo((short) 0x0102);
  }

  @Test
  void unknownNameListsTheKnown() throws IOException {
    Safetensors file = one(Dtype.U8, 1, ByteBuffer.allocate(1));
    assertThatThrownBy(() -> file.floats("weight"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("x.safetensors", "no tensor weight", "[t]");
  }

  @Test
  void readsBeyondTwoGibibytes() throws IOException {
    assumeTrue(Files.getFileStore(folder).getUsableSpace() > 4L << 30, "needs 4 GiB of disk");
    long big = (5L << 30) / 2;
    byte[] json =
        ("{\"big\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                + "\"last\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}}")
            .formatted(big, big, big, big + 8)
            .getBytes(UTF_8);
    Path path = folder.resolve("huge.safetensors");
    try (RandomAccessFile out = new RandomAccessFile(path.toFile(), "rw")) {
      out.setLength(8 + json.length + big + 8);
      out.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, json.length).array());
      out.write(json);
      out.seek(8 + json.length + big);
      out.write(
          ByteBuffer.allocate(8)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putFloat(1.5f)
              .putFloat(-2.25f)
              .array());
    }
    Safetensors file = Safetensors.open(path);
    assertThat(file.floats("last")).containsExactly(1.5f, -2.25f);
    assertThatThrownBy(() -> file.floats("big"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("huge.safetensors", "tensor big", "one Java array");
    assertThatThrownBy(() -> file.buffer("big")).hasMessageContaining("one Java array");
  }
}
