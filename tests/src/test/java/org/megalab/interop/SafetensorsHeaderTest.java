package org.megalab.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that lie about themselves are refused, each with the file and the tensor at fault. */
class SafetensorsHeaderTest {
  @TempDir Path folder;

  private Path raw(long claimed, byte[] header, int dataBytes) throws IOException {
    ByteBuffer all =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(claimed).put(header);
    return Files.write(folder.resolve("hostile.safetensors"), all.array());
  }

  private static void assertRefused(Path path, String... words) {
    assertThatThrownBy(() -> Safetensors.open(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hostile.safetensors")
        .hasMessageContainingAll(words)
        .satisfies(e -> assertThat(String.valueOf(e.getMessage())).hasSizeLessThan(600));
  }

  /** One F32 tensor a with eight bytes of data, with one part replaced. */
  private static String entry(String dtype, String shape, String offsets) {
    return "{\"a\":{\"dtype\":%s,\"shape\":%s,\"data_offsets\":%s}}"
        .formatted(dtype, shape, offsets);
  }

  private static Arguments of(String header, String... words) {
    return Arguments.of(header, words);
  }

  static Stream<Arguments> hostileHeaders() {
    String ok = "{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}";
    String rest = "{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}";
    return Stream.of(
        of("", "not a JSON object"),
        of("[1]", "not a JSON object"),
        of("null", "not a JSON object"),
        of(" " + entry("\"F32\"", "[2]", "[0,8]"), "not a JSON object"),
        of("{", "not valid JSON"),
        of("{\"a\":" + ok, "not valid JSON"),
        of("{'a':" + ok + "}", "not valid JSON"),
        of("{\"a\":" + ok + ",\"b\":" + rest + ",}", "not valid JSON"),
        of("{\"a\":" + ok + ",\"b\":" + rest + "}{}", "not valid JSON"),
        of("{\"\u00ff\":" + ok + ",\"b\":" + rest + "}", "not UTF-8"),
        of("{\"a\":7}", "tensor a", "must be a JSON object"),
        of("{\"a\":" + "[".repeat(100_000) + "}", "tensor a", "must be a JSON object"),
        of("{\"a\":" + "{\"a\":".repeat(100_000) + "}", "tensor a", "unknown key"),
        of(
            entry("\"F32\"", "[".repeat(100_000), "[0,8]"),
            "tensor a",
            "shape must be a JSON number"),
        of("{\"" + "n".repeat(100_000) + "\":7}", "tensor nnn", "…"),
        of("{\"a\":{\"dtype\":\"U8\",\"shape\":[8]}}", "tensor a", "data_offsets is missing"),
        of("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,8]}}", "tensor a", "shape is missing"),
        of("{\"a\":{\"shape\":[8],\"data_offsets\":[0,8]}}", "tensor a", "dtype is missing"),
        of(
            "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}",
            "dtype occurs twice"),
        of(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8],\"x\":1}}",
            "tensor a",
            "unknown key x"),
        of(entry("\"F31\"", "[2]", "[0,8]"), "tensor a", "F31", "BF16"),
        of(entry("\"f32\"", "[2]", "[0,8]"), "tensor a", "f32"),
        of(entry("32", "[2]", "[0,8]"), "tensor a", "dtype must be a JSON string"),
        of(entry("\"F32\"", "2", "[0,8]"), "tensor a", "shape must be a JSON array"),
        of(entry("\"F32\"", "[\"2\"]", "[0,8]"), "tensor a", "shape must be a JSON number"),
        of(entry("\"F32\"", "[2.0]", "[0,8]"), "tensor a", "shape holds 2.0"),
        of(entry("\"F32\"", "[2e0]", "[0,8]"), "tensor a", "shape holds 2e0"),
        of(entry("\"F32\"", "[-2]", "[0,8]"), "tensor a", "shape holds -2"),
        of(
            entry("\"F32\"", "[9223372036854775808]", "[0,8]"),
            "tensor a",
            "shape holds 9223372036854775808"),
        of(entry("\"F32\"", "[" + "9".repeat(100_000) + "]", "[0,8]"), "not valid JSON", "a.shape"),
        of(
            entry("\"F32\"", "[4294967296,4294967296]", "[0,8]"),
            "tensor a",
            "more elements than can be counted"),
        of(
            entry("\"F32\"", "[4611686018427387904]", "[0,8]"),
            "tensor a",
            "more elements than can be counted"),
        of(entry("\"F32\"", "[3]", "[0,8]"), "tensor a", "needs 12 bytes", "hold 8"),
        of(entry("\"F32\"", "[2]", "[0,8,8]"), "tensor a", "data_offsets has 3"),
        of(entry("\"F32\"", "[2]", "[-1,7]"), "tensor a", "data_offsets holds -1"),
        of(entry("\"F32\"", "[2]", "[8,0]"), "tensor a", "leave the data"),
        of(entry("\"F32\"", "[4]", "[0,16]"), "tensor a", "leave the data, which has 8 bytes"),
        of(entry("\"U8\"", "[7]", "[0,7]"), "cover 7 bytes", "has 8"),
        of(entry("\"U8\"", "[7]", "[1,8]"), "tensor a", "begin at 1", "hole"),
        of(
            "{\"a\":" + ok + ",\"b\":" + rest.replace("[4,8]", "[3,7]") + "}",
            "tensor b",
            "overlap"),
        of("{\"a\":" + ok + ",\"b\":" + ok + "}", "tensor b", "overlap"),
        of("{\"a\":" + ok + ",\"a\":" + rest + "}", "tensor a", "occurs twice"),
        of(
            "{\"__metadata__\":{},\"__metadata__\":{},\"a\":" + ok + "}",
            "__metadata__ occurs twice"),
        of("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", "__metadata__", "k twice"),
        of("{\"__metadata__\":{\"k\":1}}", "__metadata__.k must be a JSON string"),
        of("{\"__metadata__\":{\"k\":{}}}", "__metadata__.k must be a JSON string"),
        of("{\"__metadata__\":[]}", "__metadata__ must be a JSON object"),
        of("{}", "cover 0 bytes", "has 8"));
  }

  @ParameterizedTest
  @MethodSource("hostileHeaders")
  void hostileHeaderIsRefused(String header, String[] words) throws IOException {
    byte[] bytes = header.getBytes(ISO_8859_1);
    assertRefused(raw(bytes.length, bytes, 8), words);
  }

  @Test
  void theSameHeaderUnspoiltIsTaken() throws IOException {
    byte[] header = (entry("\"F32\"", "[2]", "[0,8]") + "   ").getBytes(ISO_8859_1);
    assertThat(Safetensors.open(raw(header.length, header, 8)).floats("a")).containsExactly(0, 0);
  }

  @Test
  void tinyFile() throws IOException {
    assertRefused(
        Files.write(folder.resolve("hostile.safetensors"), new byte[7]), "7 bytes", "too few");
  }

  @Test
  void headerBeyondTheFile() throws IOException {
    assertRefused(raw(1000, new byte[10], 0), "claims 1000 bytes", "only 10 follow");
  }

  @Test
  void headerBeyondTheFormat() throws IOException {
    assertRefused(raw(100_000_001, new byte[10], 0), "claims 100000001 bytes", "allows 100000000");
    assertRefused(raw(-1, new byte[10], 0), "claims 18446744073709551615 bytes");
  }

  @Test
  void emptyTensorsAreAllowed() throws IOException {
    byte[] header =
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[8,8]},"
                + "\"b\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]}}")
            .getBytes(ISO_8859_1);
    Safetensors file = Safetensors.open(raw(header.length, header, 8));
    assertThat(file.floats("a")).isEmpty();
    assertThat(file.shape("a")).containsExactly(0, 3);
    assertThat(file.doubles("b")).containsExactly(0);
  }
}
