package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.json.ConfigException;
import org.megalab.layer.FeedForward.Activation;
import org.megalab.layer.LayerState;
import org.megalab.torchscript.Seeds;

/** What Perceiver AR promises. */
class PerceiverArContractTest extends ModelContract {

  static PerceiverArConfig.Builder builder() {
    return PerceiverArConfig.builder()
        .optVocabularySize(11)
        .setContextLength(LENGTH)
        .setModelDim(16)
        .setLayers(2)
        .setHeads(2)
        .optRotaryDim(4)
        .optFeedForwardDim(20)
        .setPrefixLength(20)
        .setLatents(6)
        .optInitStd(0.3);
  }

  static Stream<ModelConfig> configs() {
    return Stream.of(
        builder().build(),
        builder().setPrefixLength(1).setLatents(LENGTH - 5).build(),
        builder().setPrefixLength(LENGTH).setLatents(4).optCrossLayers(2).build(),
        builder().setPrefixLength(5).setLatents(7).optHeadDim(12).optRotaryDim(12).build(),
        builder()
            .setPrefixLength(17)
            .setLatents(9)
            .optLearnedPositions(false)
            .optFinalNorm(true)
            .optBiases(true)
            .optActivation(Activation.SQUARED_RELU)
            .optTiedOutput(true)
            .optStartId(3)
            .build());
  }

  /** A prefix that reaches back to the beginning from the last block. */
  @Override
  boolean seesTheWholePast(ModelConfig config) {
    PerceiverArConfig c = (PerceiverArConfig) config;
    return c.prefixLength() >= (LENGTH - 1) / c.latents() * c.latents();
  }

  /** Row t of block j sees the inputs from jM − C up to its own. */
  @Test
  void theReachIsTheBlockAndItsPrefix() {
    try (SequenceModel model = model(builder().setPrefixLength(5).setLatents(7).build());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, LENGTH);
      NDArray rows = model.logits(ids);
      for (int t = 0; t < LENGTH - 1; t++) {
        float[] moved = moved(model, ids, rows, t); // id t is input t + 1
        for (int row = 0; row < LENGTH; row++) {
          if (t + 1 <= row && t + 1 >= row - row % 7 - 5) {
            assertThat(moved[row]).as("row %d, id %d", row, t).isGreaterThan(1e-6f);
          } else {
            assertThat(moved[row]).as("row %d, id %d", row, t).isLessThan(1e-6f);
          }
        }
      }
    }
  }

  @Test
  void windowsAreTheBlocksOfTheWhole() {
    int start = 11; // its own row of the embedding
    try (PerceiverAr model = (PerceiverAr) model(builder().build());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 2, LENGTH);
      NDArray rows = model.logits(ids);
      NDArray inputs =
          manager.full(new Shape(2, 1), start, DataType.INT64).concat(ids.get(":, :-1"), 1);
      ParameterStore store = new ParameterStore(manager, false);
      NDArray last = model.windowLogits(store, inputs, 18, false); // blocks at 0, 6, 12, 18
      assertThat(last.sub(rows.get(":, 18:")).abs().max().getFloat()).isLessThan(1e-5f);
      NDArray moved = model.windowLogits(store, inputs.get(":, 2:"), 16, false);
      assertThat(moved.sub(last).abs().max().getFloat()).isGreaterThan(1e-3f);
      assertThatThrownBy(() -> model.windowLogits(store, inputs, 17, false))
          .hasMessageContaining("1 … 6 latents, got 17 and 7");
      assertThatThrownBy(() -> model.windowLogits(store, inputs, 21, false))
          .hasMessageContaining("got 21 and 3");
    }
  }

  /** The same prefix and latents, one block later, give the same rows. */
  @Test
  void aBlockDoesNotKnowWhereItStands() {
    try (SequenceModel model = model(builder().setPrefixLength(5).build());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, LENGTH);
      NDArray same = ids.get(":, :12");
      NDArray early = ids.get(":, 12:18").concat(same, 1); // (1, 18)
      NDArray late = ids.get(":, 18:24").concat(early, 1); // (1, 24)
      NDArray one = model.logits(early).get(":, 12:18"); // has read same[:11] and nothing else
      NDArray two = model.logits(late).get(":, 18:24");
      assertThat(one.sub(two).abs().max().getFloat()).isLessThan(1e-5f);
    }
  }

  @Test
  void lastWindowLossIsThatOfTheLastLatents() {
    PerceiverArConfig config = builder().build();
    try (SequenceModel all = model(config);
        SequenceModel last = model(config.toBuilder().optLastWindowLoss(true).build());
        NDManager manager = NDManager.newBaseManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDArray ids = ids(manager, 2, LENGTH); // a whole number of blocks
      NDArray whole = all.perByteLoss(store, ids, true);
      NDArray part = last.perByteLoss(store, ids, true);
      assertThat(part.getShape()).isEqualTo(new Shape(2, 6));
      assertThat(part.sub(whole.get(":, 18:")).abs().max().getFloat()).isLessThan(1e-5f);
      assertThat(last.perByteLoss(ids).sub(all.perByteLoss(ids)).abs().max().getFloat())
          .isLessThan(1e-6f);
      assertThat(last.perByteLoss(store, ids.get(":, :4"), true).getShape())
          .isEqualTo(new Shape(2, 4));
      assertThat(last.perByteLoss(store, ids.get(":, :10"), true).getShape())
          .isEqualTo(new Shape(2, 6));
    }
  }

  @Test
  void prefixDropoutHidesWholePositionsInTrainingOnly() {
    PerceiverArConfig config = builder().build();
    try (PerceiverAr model = (PerceiverAr) model(config);
        PerceiverAr dropping =
            (PerceiverAr) model(config.toBuilder().optPrefixDropout(0.5).build());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 2, LENGTH);
      ParameterStore store = new ParameterStore(manager, false);
      Seeds.set(1);
      NDArray rows = model.logits(store, ids, true);
      NDArray dropped = dropping.logits(store, ids, true);
      NDArray moved = dropped.sub(rows).abs().max(new int[] {2}).max(new int[] {0});
      assertThat(moved.get(":6").max().getFloat()).isLessThan(1e-6f); // block 0 has no prefix
      assertThat(moved.get("6:").min().getFloat()).isGreaterThan(1e-4f);
      assertThat(dropping.logits(ids).sub(model.logits(ids)).abs().max().getFloat())
          .isLessThan(1e-6f);
    }
  }

  @Test
  void theStateIsBounded() {
    try (PerceiverAr model = (PerceiverAr) model(builder().build());
        DecodingState state = model.newDecodingState(1);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, 100);
      NDArray rows = model.logits(ids);
      for (int t = 0; t < 100; t += 4) {
        NDArray part = state.feed(ids.get(":, {}:{}", t, t + 4));
        assertThat(part.sub(rows.get(":, {}:{}", t, t + 4)).abs().max().getFloat())
            .isLessThan(2e-5f);
      }
      LayerState small = model.newState(manager, DataType.FLOAT32, 1, 10);
      LayerState large = model.newState(manager, DataType.FLOAT32, 1, Integer.MAX_VALUE);
      assertThat(large.all().mapToLong(NDArray::size).sum())
          .isEqualTo(small.all().mapToLong(NDArray::size).sum());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "text, 8192, 1024, 1024, 17, 248",
    "image64, 12288, 1024, 1024, 16, 227",
    "image256, 8192, 768, 768, 6, 62",
    "image640, 4096, 1024, 768, 6, 62",
    "audio, 8192, 1024, 768, 6, 62",
  })
  void presetsAreThoseOfMegabytesTables(
      String name, int context, int latents, int dim, int layers, double millions) {
    PerceiverArConfig config = PerceiverArConfig.preset(name);
    assertThat(config.contextLength()).isEqualTo(context);
    assertThat(config.prefixLength() + config.latents()).isEqualTo(context);
    assertThat(config.latents()).isEqualTo(latents);
    assertThat(config.modelDim()).isEqualTo(dim);
    assertThat(config.layers() + config.crossLayers()).isEqualTo(layers);
    // The nominal figures are the standard sizes', scaled by their layers; the layers' own matrices
    // are 12 D² each.
    double nominal = dim == 768 ? 125.0 / 12 : 350.0 / 24;
    assertThat(nominal * layers).isCloseTo(millions, org.assertj.core.api.Assertions.within(7.0));
    double tables = (257.0 + 256 + context) * dim;
    assertThat(config.parameterCount() - tables)
        .isCloseTo(
            12.0 * layers * dim * dim, org.assertj.core.api.Assertions.withinPercentage(0.5));
  }

  @Test
  void aFreshTinyModelIsUncertain() {
    try (SequenceModel model =
            PerceiverArConfig.preset("tiny").toBuilder()
                .optInitStd(0.02)
                .build()
                .newModel()
                .initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(model.perByteLoss(ids(manager, 1, 200)).mean().getFloat())
          .isCloseTo((float) Math.log(256), org.assertj.core.api.Assertions.within(0.05f));
    }
  }

  @Test
  void contradictionsAreNamed() {
    assertThatThrownBy(() -> builder().optRotaryDim(3).build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("rotaryDim = 3 must be even and at most headDim = 8");
    assertThatThrownBy(
            () ->
                PerceiverArConfig.builder()
                    .setContextLength(64)
                    .setModelDim(64)
                    .setLayers(1)
                    .setHeads(4)
                    .setPrefixLength(32)
                    .setLatents(32)
                    .build())
        .hasMessageContaining("rotaryDim = 32")
        .hasMessageContaining("headDim = 16");
    assertThatThrownBy(() -> builder().setLatents(0).build())
        .hasMessageContaining("latents must be positive, got 0");
    assertThatThrownBy(() -> builder().setPrefixLength(0).build())
        .hasMessageContaining("prefixLength must be positive, got 0");
    assertThatThrownBy(() -> builder().setLatents(LENGTH).build())
        .hasMessageContaining("latents = 24")
        .hasMessageContaining("contextLength = 24");
    assertThatThrownBy(() -> builder().optPrefixDropout(1).build())
        .hasMessageContaining("prefixDropout");
    assertThatThrownBy(() -> PerceiverArConfig.preset("huge")).hasMessageContaining("image640");
  }
}
