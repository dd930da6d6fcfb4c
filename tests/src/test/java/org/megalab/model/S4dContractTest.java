package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.megalab.json.ConfigException;
import org.megalab.layer.NormKind;
import org.megalab.layer.S4dInit;

/** What the S4D language model promises. */
class S4dContractTest extends ModelContract {

  static S4dConfig.Builder s4d() {
    return S4dConfig.builder()
        .optVocabularySize(11)
        .setContextLength(LENGTH)
        .setModelDim(8)
        .setLayers(2)
        .optStateDim(8)
        .optInitStd(0.5);
  }

  static Stream<ModelConfig> configs() {
    return Stream.of(
        s4d().build(),
        s4d().optInit(S4dInit.LEGS).optPreNorm(false).optFeedForwardDim(12).build(),
        s4d().optInit(S4dInit.INV).optNorm(NormKind.RMS).optTiedOutput(true).build(),
        s4d()
            .optInit(S4dInit.REAL)
            .optNorm(NormKind.SCALE)
            .optFeedForwardDim(12)
            .optStartId(3)
            .build());
  }

  @Override
  float rounding() {
    return 5e-6f;
  }

  @Test
  void beforeTrainingEveryByteIsAboutAsLikely() {
    try (SequenceModel model = model(S4dConfig.preset("tiny"));
        NDManager manager = NDManager.newBaseManager()) {
      double loss = model.perByteLoss(ids(manager, 4, 64)).mean().getFloat();
      assertThat(loss - Math.log(256)).isBetween(-0.1, 0.1);
    }
  }

  @Test
  void contradictionsAreNamed() {
    S4dConfig batch = s4d().optNorm(NormKind.BATCH).build();
    assertThatThrownBy(batch::newModel)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("newEncoder");
    refused(b -> b.optStateDim(7), "stateDim counts conjugate pairs");
    refused(b -> b.optFeedForwardDim(-1), "feedForwardDim");
    refused(b -> b.optDropout(1), "dropout must be at least 0 and below 1");
    refused(b -> b.setLayers(0), "layers must be between 1 and 10000, got 0");
    assertThatThrownBy(() -> S4dConfig.preset("large")).hasMessageContaining("[tiny, small]");
    assertThat(ModelConfig.fromJson("{\"architecture\": \"s4d\", \"preset\": \"tiny\"}"))
        .isEqualTo(S4dConfig.preset("tiny"));
  }

  private static void refused(Consumer<S4dConfig.Builder> change, String message) {
    S4dConfig.Builder builder = s4d();
    change.accept(builder);
    assertThatThrownBy(builder::build)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }
}
