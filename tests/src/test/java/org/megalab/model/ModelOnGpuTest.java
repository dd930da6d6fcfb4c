package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.Gpu;
import org.megalab.OnGpu;
import org.megalab.data.Corpus;
import org.megalab.data.RandomWindows;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Tensors;

/** Every architecture's {@code tiny} on a GPU against the CPU, with the same parameters. */
@OnGpu
class ModelOnGpuTest {

  static Stream<ModelConfig> tiny() {
    return Bfloat16Test.tiny();
  }

  private static byte[][] batch(int rows) {
    return new RandomWindows(Corpus.shipped("books").train(), 256, rows, 1).batch(0);
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void lossAndGradientsAreThoseOfTheCpu(ModelConfig config) {
    try (SequenceModel gpu = Gpu.model(config, Gpu.device());
        SequenceModel cpu = Gpu.model(config, Device.cpu())) {
      PrecisionStep expected = PrecisionStep.of(cpu, Precision.FLOAT32, batch(4));
      PrecisionStep found = PrecisionStep.of(gpu, Precision.FLOAT32, batch(4));
      assertThat(Math.abs(found.loss() / expected.loss() - 1)).isLessThan(1e-5);
      assertThat(found.gradients().keySet()).isEqualTo(expected.gradients().keySet()).isNotEmpty();
      expected
          .gradients()
          .forEach(
              (name, gradient) ->
                  assertThat(distance(found.gradients().get(name), gradient))
                      .as(name)
                      .isLessThan(1e-5));
    }
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void lossAndGradientsInBfloat16AreThoseOfFloat32(ModelConfig config) {
    PrecisionReport.Line line = PrecisionReport.of(config, Gpu.device(), Precision.BFLOAT16);
    assertThat(line.good()).as(line.toString()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void logitsAreThoseOfTheCpuAndOfTheStream(ModelConfig config) {
    try (SequenceModel gpu = Gpu.model(config, Gpu.device());
        SequenceModel cpu = Gpu.model(config, Device.cpu());
        NDManager onGpu = gpu.manager().newSubManager();
        NDManager onCpu = cpu.manager().newSubManager()) {
      NDArray ids = SequenceModel.ids(onGpu, batch(2));
      float[] found = Tensors.floats(gpu.logits(ids));
      float[] expected = Tensors.floats(cpu.logits(SequenceModel.ids(onCpu, batch(2))));
      assertThat(distance(found, expected)).isLessThan(1e-5);
      for (int longest : new int[] {1, 70}) {
        assertThat(distance(streamed(gpu, ids, longest), expected)).isLessThan(1e-5);
      }
    }
  }

  /** The logits of parts of at most this length. */
  private static float[] streamed(SequenceModel model, NDArray ids, int longest) {
    Random random = new Random(7);
    long length = ids.getShape().get(1);
    try (DecodingState state = model.newDecodingState(2)) {
      NDList parts = new NDList();
      while (state.position() < length) {
        long from = state.position();
        long to = Math.min(length, from + 1 + random.nextInt(longest));
        parts.add(state.feed(ids.get(":, {}:{}", from, to)));
      }
      return Tensors.floats(NDArrays.concat(parts, 1));
    }
  }

  /** ‖found − expected‖ / ‖expected‖. */
  private static double distance(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < found.length; i++) {
      difference += Math.pow((double) found[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}
