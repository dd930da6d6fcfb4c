package org.megalab.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.Gpu;
import org.megalab.OnGpu;
import org.megalab.torchscript.Precision;

/** Every recording on a GPU, within the tolerances of the CPU. */
@OnGpu
class ParityOnGpuTest {

  private static final Path RESOURCES =
      Path.of(System.getProperty("megalab.root"), "tests/src/test/resources");

  static List<String> recordings() throws IOException {
    try (Stream<Path> files = Files.walk(RESOURCES)) {
      return files
          .map(path -> RESOURCES.relativize(path).toString())
          .filter(name -> name.matches("(golden|variants)/.*\\.safetensors"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void comesOutInFloat32(String name) {
    assertPassed(name, Precision.FLOAT32);
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void comesOutInBfloat16(String name) {
    assertPassed(name, Precision.BFLOAT16);
  }

  private static void assertPassed(String name, Precision precision) {
    Parity.Result result = Parity.compare(RESOURCES.resolve(name), Gpu.device(), precision);
    System.out.println(precision + "  " + result);
    assertThat(result.passed()).as(result.toString()).isTrue();
  }
}
