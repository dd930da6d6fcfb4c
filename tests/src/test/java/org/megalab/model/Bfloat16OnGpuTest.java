package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.torchscript.Precision;

/** As {@link Bfloat16Test}, on a GPU where there is one. */
@Tag("gpu")
class Bfloat16OnGpuTest {

  static Stream<ModelConfig> tiny() {
    return Bfloat16Test.tiny();
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void lossAndGradientsAreThoseOfFloat32(ModelConfig config) {
    assumeTrue(Engine.getInstance().getGpuCount() > 0, "there is no GPU");
    PrecisionReport.Line line = PrecisionReport.of(config, Device.gpu(), Precision.BFLOAT16);
    assertThat(line.good()).as(line.toString()).isTrue();
  }
}
