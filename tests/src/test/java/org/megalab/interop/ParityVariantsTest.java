package org.megalab.interop;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations that the reference vectors do not have; see the README beside the files. */
class ParityVariantsTest {
  private static final Path VARIANTS =
      Path.of(System.getProperty("megalab.root"), "tests/src/test/resources/variants");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "perceiver_ar_partial_rotary",
        "perceiver_ar_two_cross",
        "transformer_xl_pre_norm",
        "transformer_xl_no_memory",
        "transformer_xl_long_memory"
      })
  void variantComesOut(String name) {
    Parity.Result result = Parity.compare(VARIANTS.resolve(name + ".safetensors"), Device.cpu());
    assertThat(result.passed()).as(result.toString()).isTrue();
    assertThat(result.gradient()).isNotNaN();
  }
}
