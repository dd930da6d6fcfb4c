package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.Gpu;
import org.megalab.OnGpu;
import org.megalab.data.Corpus;
import org.megalab.data.RandomWindows;
import org.megalab.torchscript.CudaGraph;
import org.megalab.torchscript.Tensors;

/** Bytes that are read one by one on a GPU, whose steps are recorded. */
@OnGpu
class DecodingOnGpuTest {

  private static final int LENGTH = 640;

  private static final Set<String> RECORDED =
      Set.of("llama", "megabyte", "megabyte-multistage", "megalodon", "s4d", "transformer");

  static Stream<ModelConfig> longer() {
    return Bfloat16Test.tiny().map(config -> config.withContextLength(LENGTH));
  }

  @ParameterizedTest
  @MethodSource("longer")
  void recordedStepsGoOnBehindLongReadsAndResets(ModelConfig config) {
    assertThat(CudaGraph.isAvailable(Gpu.device())).isEqualTo(Gpu.device().isGpu());
    byte[][] rows = new RandomWindows(Corpus.shipped("books").train(), LENGTH, 2, 1).batch(0);
    try (SequenceModel model = Gpu.model(config, Gpu.device());
        NDManager manager = model.manager().newSubManager();
        AbstractDecodingState state = (AbstractDecodingState) model.newDecodingState(2)) {
      NDArray all = model.logits(SequenceModel.ids(manager, rows)); // (B, T, V)
      state.read(part(rows, 0, 201));
      for (int t = 201; t < 600; t++) {
        requireRow(state, all, t);
        state.read(part(rows, t, t + 1));
      }
      if (Gpu.device().isGpu() && RECORDED.contains(config.architecture())) {
        assertThat(state.steps.recorded()).isPositive();
      }
      int held = model.manager().getManagedArrays().size();
      state.reset();
      for (int t = 0; t < 300; t++) {
        requireRow(state, all, t);
        state.read(part(rows, t, t + 1));
      }
      state.read(part(rows, 300, 500));
      for (int t = 500; t < 600; t++) {
        requireRow(state, all, t);
        state.read(part(rows, t, t + 1));
      }
      assertThat(model.manager().getManagedArrays()).hasSize(held);
    }
  }

  private static byte[][] part(byte[][] rows, int from, int to) {
    return Arrays.stream(rows).map(row -> Arrays.copyOfRange(row, from, to)).toArray(byte[][]::new);
  }

  /** That the state has row t of the full forward pass. */
  private static void requireRow(DecodingState state, NDArray all, int t) {
    try (NDManager scope = all.getManager().newSubManager();
        NDArray row = all.get(":, {}", t)) {
      row.attach(scope);
      float[] expected = Tensors.floats(row);
      float[] found = Tensors.floats(state.next());
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < expected.length; i++) {
        difference += Math.pow((double) found[i] - expected[i], 2);
        norm += Math.pow(expected[i], 2);
      }
      assertThat(Math.sqrt(difference / norm)).as("row " + t).isLessThan(2e-5);
    }
  }
}
