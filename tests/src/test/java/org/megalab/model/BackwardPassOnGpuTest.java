package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.Gpu;
import org.megalab.OnGpu;
import org.megalab.data.Corpus;
import org.megalab.data.RandomWindows;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Tensors;

/** Steps of training whose kernels are recorded on a GPU. */
@OnGpu
class BackwardPassOnGpuTest {

  private static final Set<String> RECORDED =
      Set.of("llama", "megabyte", "megabyte-multistage", "megalodon", "s4d", "transformer");

  static Stream<ModelConfig> tiny() {
    return Bfloat16Test.tiny();
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void gradientsInFloat32AreThoseOfEveryBatch(ModelConfig config) {
    compare(config, Precision.FLOAT32, 1e-4);
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void gradientsInBfloat16AreThoseOfEveryBatch(ModelConfig config) {
    compare(config, Precision.BFLOAT16, 5e-3);
  }

  /** Seven passes, of which the fourth is recorded and the sixth again, against fresh ones. */
  private static void compare(ModelConfig config, Precision precision, double tolerance) {
    RandomWindows windows = new RandomWindows(Corpus.shipped("books").train(), 256, 4, 1);
    boolean records = Gpu.device().isGpu() && RECORDED.contains(config.architecture());
    try (SequenceModel model = Gpu.model(config, Gpu.device());
        BackwardPass pass = new BackwardPass(model, precision, 0, 0)) {
      model.namedParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
      int held = -1;
      for (int i = 0; i < 7; i++) {
        try (NDManager scratch = model.manager().newSubManager()) {
          NDArray ids = SequenceModel.ids(scratch, windows.batch(i));
          NDArray loss = pass.run(ids, 0.5, i);
          loss.attach(scratch);
          Map<String, float[]> found = Gradients.take(model);
          NDArray expectedLoss =
              pass.run(
                  store -> {
                    NDArray own = ids.duplicate();
                    own.attach(store.getManager());
                    return model.perByteLoss(store, own, true).mean();
                  },
                  0.5,
                  i);
          expectedLoss.attach(scratch);
          Map<String, float[]> expected = Gradients.take(model);
          double size = Tensors.floats(expectedLoss)[0];
          assertThat((double) Tensors.floats(loss)[0]).isCloseTo(size, within(tolerance * size));
          expected.forEach(
              (name, gradient) ->
                  assertThat(difference(gradient, found.get(name))).as(name).isLessThan(tolerance));
        }
        assertThat(pass.recorded()).isEqualTo(records && i >= 3 ? 1 : 0);
        int now = model.manager().getManagedArrays().size();
        assertThat(held < 0 ? now : held).isEqualTo(now);
        held = now;
        if (i == 4) {
          assertThat(pass.release()).isEqualTo(records);
          assertThat(pass.recorded()).isZero();
        }
      }
    }
  }

  private static double difference(float[] expected, float[] found) {
    double difference = 0;
    double norm = 1e-30;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) found[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}
