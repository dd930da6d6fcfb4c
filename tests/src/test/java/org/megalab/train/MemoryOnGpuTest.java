package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Random;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.Gpu;
import org.megalab.OnGpu;
import org.megalab.data.Corpus;
import org.megalab.model.DecodingState;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Tensors;

/** A loop holds as much memory after hundreds of steps as after its first ones. */
@OnGpu
class MemoryOnGpuTest extends TrainingFixture {

  private static final int WARM = 30;
  private static final int STEPS = 330;

  /** The engine takes memory from the driver in blocks of 2 MiB or more. */
  private static final long BLOCK = 2 << 20;

  static Stream<Arguments> trainings() {
    return Stream.of(
        training("megabyte", "float32", b -> b),
        training("megalodon", "bfloat16", b -> b.optPrecision(Precision.BFLOAT16)),
        training("megalodon", "recomputed", b -> b.optRecomputeLayers(1).optLossSlice(64)),
        training("llama", "in parts, averaged", b -> b.optMicroBatchSize(2).optAverageDecay(0.9)));
  }

  private static Arguments training(
      String architecture, String name, UnaryOperator<TrainingConfig.Builder> settings) {
    Supplier<TrainingConfig> config =
        () ->
            settings
                .apply(TrainingConfig.builder().setSteps(STEPS).optBatchSize(8).optWarmupSteps(5))
                .build();
    return Arguments.of(architecture, name, config);
  }

  /** What was held when the loop was warm, and the most that was held after that. */
  private static final class Held {
    private long bytes;
    private int arrays;
    private long mostBytes;
    private int mostArrays;

    void note(long step) {
      if (step == WARM) {
        bytes = Gpu.usedBytes();
        arrays = Gpu.arrays();
      } else if (step > WARM && step % 25 == 0) {
        mostBytes = Math.max(mostBytes, Gpu.usedBytes());
        mostArrays = Math.max(mostArrays, Gpu.arrays());
      }
    }

    /** One array of a step that stays is 300 of them; one of a batch's activations is 8 MiB. */
    void assertFlat() {
      System.out.printf(
          "%,d bytes and %d arrays after %d steps, at most %,d and %d later%n",
          bytes, arrays, WARM, mostBytes, mostArrays);
      assertThat(mostArrays).isEqualTo(arrays).isPositive();
      assertThat(mostBytes).isLessThanOrEqualTo(bytes + BLOCK);
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("trainings")
  void trainingHoldsNoMore(String architecture, String name, Supplier<TrainingConfig> config) {
    Held held = new Held();
    try (SequenceModel model =
        ModelConfig.preset(architecture, "tiny").newModel().initialize(Gpu.device(), 1)) {
      Training.builder()
          .setModel(model)
          .setData(
              Corpus.of(
                  "books",
                  Corpus.shipped("books").train().documents(),
                  java.util.List.of(),
                  java.util.List.of()))
          .setConfig(config.get())
          .setDirectory(folder.resolve("run"))
          .optListener(progress -> held.note(progress.step()))
          .build()
          .run();
    }
    held.assertFlat();
  }

  @Test
  void aStreamHoldsNoMore() {
    Held held = new Held();
    try (SequenceModel model =
            ModelConfig.preset("megalodon", "tiny").newModel().initialize(Gpu.device(), 1);
        DecodingState state = model.newDecodingState(4)) {
      Random random = new Random(1);
      byte[][] rows = new byte[4][1000]; // not a multiple of the chunks
      long before = 0;
      for (int step = 1; step <= STEPS; step++) {
        for (byte[] row : rows) {
          random.nextBytes(row);
        }
        try (NDManager manager = model.manager().newSubManager()) {
          NDArray logits = state.feed(SequenceModel.ids(manager, rows));
          assertThat(logits.sum().isNaN().getBoolean()).isFalse();
        }
        held.note(step);
        if (step == WARM) {
          before = Tensors.heldBytes(model.manager());
        }
      }
      assertThat(Tensors.heldBytes(model.manager())).isEqualTo(before);
    }
    held.assertFlat();
  }
}
