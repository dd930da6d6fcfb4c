package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.json.ConfigException;
import org.megalab.layer.AttentionFunction;
import org.megalab.layer.NormKind;
import org.megalab.layer.RelativeBias;

/** What MEGA promises. */
class MegaContractTest extends ModelContract {

  static MegaConfig.Builder mega() {
    return MegaConfig.builder()
        .optVocabularySize(11)
        .setContextLength(LENGTH)
        .setModelDim(8)
        .setLayers(2)
        .setSharedDim(6)
        .setValueDim(10)
        .setFeedForwardDim(12)
        .optEmaModes(3)
        .optInitStd(0.3);
  }

  static Stream<ModelConfig> configs() {
    return Stream.of(
        mega().optChunkSize(5).build(),
        mega().optRelativeBias(RelativeBias.SIMPLE).optTiedOutput(false).build(),
        mega()
            .optChunkSize(8)
            .optAttention(AttentionFunction.LAPLACE)
            .optRelativeBias(RelativeBias.SIMPLE)
            .optNorm(NormKind.SCALE)
            .optPreNorm(false)
            .build(),
        mega()
            .optAttention(AttentionFunction.RELU_SQUARED)
            .optNorm(NormKind.RMS)
            .optAffineFinalNorm(true)
            .optScaledEmbedding(false)
            .optStartId(3)
            .build());
  }

  @Override
  float rounding() {
    return 5e-6f;
  }

  @Test
  void chunksKeepTheStateBoundedPastTheContext() {
    MegaConfig config = mega().optChunkSize(5).build();
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager();
        DecodingState state = model.newDecodingState(1)) {
      NDArray ids = ids(manager, 1, 4 * LENGTH);
      NDArray rows = model.logits(ids);
      NDList parts = new NDList();
      for (int from = 0; from < 4 * LENGTH; from += 7) {
        parts.add(state.feed(ids.get(":, {}:{}", from, Math.min(from + 7, 4 * LENGTH))));
      }
      assertThat(NDArrays.concat(parts, 1).sub(rows).abs().max().getFloat()).isLessThan(2e-5f);
    }
  }

  @Test
  void theSimpleBiasReachesAsFarAsTheContext() {
    MegaConfig config = mega().optRelativeBias(RelativeBias.SIMPLE).build();
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> model.logits(ids(manager, 1, LENGTH + 1)))
          .hasMessageContaining("at most " + LENGTH);
      assertThatThrownBy(() -> ((LanguageModel) model).newDecodingState(1, LENGTH + 1))
          .hasMessageContaining("between 1 and " + LENGTH);
    }
  }

  /** 4DN + D in the average, (2D + Z + 2E)D + 2D + Z + 2E in projections, and so on. */
  @ParameterizedTest
  @CsvSource({
    "enwik8, 39.0e6, 39.5e6, 0",
    // The published 252 million with 45.4 million of adaptive embedding in place of the full one.
    "wikitext103, 205e6, 208e6, 274161664"
  })
  void publishedSizes(String preset, double least, double most, long embedding) {
    assertThat((double) (MegaConfig.preset(preset).parameterCount() - embedding))
        .isBetween(least, most);
  }

  /** Logits of variance 1 cost half a nat more than ln V. */
  @Test
  void beforeTrainingEveryByteIsAboutAsLikely() {
    try (SequenceModel model = model(MegaConfig.preset("tiny"));
        NDManager manager = NDManager.newBaseManager()) {
      double loss = model.perByteLoss(ids(manager, 4, 64)).mean().getFloat();
      assertThat(loss - Math.log(256)).isBetween(0.2, 0.8);
    }
  }

  @Test
  void contradictionsAreNamed() {
    MegaConfig batch = mega().optNorm(NormKind.BATCH).build();
    assertThatThrownBy(batch::newModel)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("newEncoder");
    refused(b -> b.setSharedDim(7), "sharedDim is 7");
    refused(b -> b.optChunkSize(-1), "chunkSize");
    refused(b -> b.optEmaModes(0), "emaModes must be positive, got 0");
    refused(b -> b.optAttentionDropout(1), "attentionDropout must be at least 0 and below 1");
    refused(b -> b.optStartId(11), "startId");
    assertThatThrownBy(() -> MegaConfig.preset("large")).hasMessageContaining("wikitext103");
    assertThatThrownBy(
            () ->
                ModelConfig.fromJson(
                    "{\"architecture\": \"mega\", \"preset\": \"tiny\", \"attention\": \"linear\"}"))
        .hasMessageContaining("softmax, laplace, relu_squared");
    assertThat(mega().setSharedDim(7).optRelativeBias(RelativeBias.SIMPLE).build().sharedDim())
        .isEqualTo(7);
  }

  private static void refused(Consumer<MegaConfig.Builder> change, String message) {
    MegaConfig.Builder builder = mega();
    change.accept(builder);
    assertThatThrownBy(builder::build)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }
}
