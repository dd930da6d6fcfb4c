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
    Parity.Result result = Parity.compare(RESOURCES.resolve(name), Gpu.device());
    System.out.println(result);
    assertThat(result.passed()).as(result.toString()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void comesOutInBfloat16(String name) {
    Path recording = RESOURCES.resolve(name);
    ParityTest.assertRounded(Parity.compare(recording, Gpu.device(), Precision.BFLOAT16));
  }
}
