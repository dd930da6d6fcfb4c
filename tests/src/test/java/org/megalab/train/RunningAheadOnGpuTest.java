package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.Gpu;
import org.megalab.OnGpu;
import org.megalab.data.Corpus;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;

/** On a GPU updates are handed over before the numbers of those before them are known. */
@OnGpu
class RunningAheadOnGpuTest extends TrainingFixture {

  private static final TrainingConfig AHEAD =
      TrainingConfig.builder()
          .setSteps(20)
          .optBatchSize(4)
          .optMicroBatchSize(3)
          .optWarmupSteps(1)
          .optLearningRate(1e-3)
          .optCheckpointEvery(0)
          .build();

  private Training trainingOnBooks(
      SequenceModel model, TrainingConfig config, String name, TrainingListener listener) {
    Training training =
        Training.builder()
            .setModel(model)
            .setData(
                Corpus.of(
                    "books", Corpus.shipped("books").train().documents(), List.of(), List.of()))
            .setConfig(config)
            .setDirectory(folder.resolve(name))
            .optListener(listener)
            .build();
    if (!Gpu.device().isGpu()) {
      training.runAhead();
    }
    return training;
  }

  /** No update is handed over before a checkpoint that is due. */
  @ParameterizedTest
  @CsvSource({"megabyte, false", "llama, false", "megalodon, false", "megalodon, true"})
  void lossesAreThoseOfARunThatWaits(String architecture, boolean carryState) {
    ModelConfig config = ModelConfig.preset(architecture, "tiny");
    TrainingConfig training = AHEAD.toBuilder().optCarryState(carryState).build();
    List<Progress> waiting = new ArrayList<>();
    List<Progress> ahead = new ArrayList<>();
    try (SequenceModel model = Gpu.model(config, Gpu.device())) {
      trainingOnBooks(
              model, training.toBuilder().optCheckpointEvery(1).build(), "waiting", waiting::add)
          .run();
    }
    try (SequenceModel model = Gpu.model(config, Gpu.device())) {
      trainingOnBooks(model, training, "ahead", ahead::add).run();
    }
    assertThat(ahead).hasSameSizeAs(waiting).hasSize(20);
    for (int i = 0; i < 20; i++) {
      assertThat(ahead.get(i).step()).isEqualTo(i + 1);
      assertThat(ahead.get(i).loss() / waiting.get(i).loss()).isBetween(1 - 1e-4, 1 + 1e-4);
      assertThat(ahead.get(i).gradientNorm() / waiting.get(i).gradientNorm())
          .isBetween(1 - 1e-3, 1 + 1e-3);
    }
    assertThat(ahead.get(19).loss()).isLessThan(ahead.get(0).loss() - 0.5);
  }

  /** The gradients of the fourth update are spoiled while the third is under way. */
  @Test
  void anUpdateBehindOneThatIsNotFiniteChangesNothing() {
    List<Map<String, float[]>> parameters = new ArrayList<>();
    try (SequenceModel model = Gpu.model(ModelConfig.preset("megabyte", "tiny"), Gpu.device())) {
      Training training =
          trainingOnBooks(
              model,
              AHEAD,
              "spoiled",
              progress -> {
                parameters.add(parameters(model));
                if (progress.step() == 2) {
                  try (NDArray gradient = model.weight("globalToLocal.weight").getGradient()) {
                    gradient.addi(Float.NaN);
                  }
                }
              });
      assertThatThrownBy(training::run)
          .isInstanceOf(TrainingException.class)
          .hasMessageMatching("(?s)at step 4 the loss is [345]\\.\\d+ and the norm .* NaN; .*");
      assertThat(parameters).hasSize(3);
      assertThat(parameters.get(1)).usingRecursiveComparison().isNotEqualTo(parameters.get(0));
      for (Map<String, float[]> found : List.of(parameters.get(2), parameters(model))) {
        assertThat(found).usingRecursiveComparison().isEqualTo(parameters.get(1));
      }
    }
  }
}
