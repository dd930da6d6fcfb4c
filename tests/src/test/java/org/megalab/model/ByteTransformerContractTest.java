package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.json.ConfigException;
import org.megalab.model.MegabyteConfig.Position;

/** What the plain byte-level Transformer promises. */
class ByteTransformerContractTest extends ModelContract {

  static ByteTransformerConfig.Builder builder() {
    return ByteTransformerConfig.builder()
        .optVocabularySize(11)
        .setContextLength(LENGTH)
        .setModelDim(16)
        .setLayers(2)
        .setHeads(4)
        .optFeedForwardDim(20)
        .optInitStd(0.3)
        .optDropout(0);
  }

  static Stream<ModelConfig> configs() {
    return Stream.of(
        builder().build(),
        builder().optPosition(Position.ROTARY).optTiedOutput(false).build(),
        builder().optPosition(Position.NONE).optStartId(3).build());
  }

  @ParameterizedTest
  @CsvSource({
    "text, 1024, 1024, 22, 320",
    "pg19, 2048, 1024, 22, 320",
    "image64, 2048, 1536, 24, 760",
    "image256, 1024, 768, 6, 62",
    "image640, 1024, 768, 8, 83",
    "audio, 1024, 768, 13, 135",
  })
  void presetsAreThoseOfThePaper(String name, int context, int dim, int layers, double millions) {
    ByteTransformerConfig config = ByteTransformerConfig.preset(name);
    assertThat(config.contextLength()).isEqualTo(context);
    assertThat(config.initStd()).isEqualTo(0.006);
    long d = dim;
    assertThat(config.parameterCount())
        .isEqualTo(layers * (12 * d * d + 13 * d) + 2 * d + (257 + context) * d);
    // The nominal figures are the standard sizes', scaled by their layers.
    double nominal = dim == 768 ? 125.0 / 12 : dim == 1024 ? 350.0 / 24 : 760.0 / 24;
    assertThat(nominal * layers).isCloseTo(millions, org.assertj.core.api.Assertions.within(1.0));
  }

  @Test
  void learnedPositionsEnd() {
    try (SequenceModel model = model(builder().build());
        SequenceModel rotary = model(builder().optPosition(Position.ROTARY).build());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, LENGTH + 1);
      assertThatThrownBy(() -> model.logits(ids)).hasMessageContaining("contextLength");
      assertThatThrownBy(() -> ((LanguageModel) model).newDecodingState(1, LENGTH + 1))
          .hasMessageContaining("between 1 and " + LENGTH);
      assertThat(rotary.logits(ids).getShape().get(1)).isEqualTo(LENGTH + 1);
    }
  }

  @Test
  void freshModelsAreUncertain() {
    try (SequenceModel model =
            ByteTransformerConfig.preset("tiny").toBuilder()
                .optInitStd(0.006)
                .build()
                .newModel()
                .initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(model.perByteLoss(ids(manager, 1, 64)).mean().getFloat())
          .isCloseTo((float) Math.log(256), org.assertj.core.api.Assertions.within(0.05f));
    }
  }

  @Test
  void contradictionsAreNamed() {
    assertThatThrownBy(() -> builder().setHeads(3).build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("heads = 3 does not divide modelDim = 16");
    assertThatThrownBy(() -> builder().setHeads(16).optPosition(Position.ROTARY).build())
        .hasMessageContaining("head dimension is 1 = 16/16");
    assertThatThrownBy(() -> builder().optDropout(1).build()).hasMessageContaining("dropout");
    assertThatThrownBy(() -> ByteTransformerConfig.preset("huge"))
        .hasMessageContaining("huge")
        .hasMessageContaining("image640");
  }
}
