package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.megalab.model.MegabyteConfig.GlobalPad;
import org.megalab.model.MegabyteConfig.LocalFirstInput;
import org.megalab.model.MegabyteConfig.Position;

/** What both MEGABYTEs promise. */
class MegabyteContractTest extends ModelContract {
  static Stream<ModelConfig> configs() {
    MegabyteConfig.Builder megabyte = variant();
    MultiStageMegabyteConfig.Builder community =
        MultiStageMegabyteConfig.builder()
            .optVocabularySize(11)
            .optHeadDim(4)
            .optHeads(2)
            .optFeedForwardMultiple(2);
    return Stream.of(
        megabyte.build(),
        megabyte
            .optTiedOutput(false)
            .optGlobalPad(GlobalPad.ZERO_BYTE)
            .optLocalPosition(Position.LEARNED)
            .build(),
        megabyte.optGlobalPosition(Position.ROTARY).optLocalPosition(Position.ROTARY).build(),
        megabyte.optGlobalPosition(Position.NONE).optGlobalPad(GlobalPad.LEARNED).build(),
        // The variants.
        variant().optLocalPosition(Position.ROTARY).optCrossPatch(1).build(),
        variant().optLocalPosition(Position.ROTARY).optCrossPatch(4).build(),
        variant().optConvolutionalEncoder(List.of(3, 5, 7)).build(),
        variant().optLocalModel(false).build(),
        variant().optGlobalModel(false).build(),
        variant().optGlobalModel(false).optLocalFirstInput(LocalFirstInput.PREVIOUS_BYTE).build(),
        variant()
            .optGlobalModel(false)
            .optLocalFirstInput(LocalFirstInput.PREVIOUS_BYTE)
            .optLocalPosition(Position.ROTARY)
            .optCrossPatch(3)
            .build(),
        variant()
            .optConvolutionalEncoder(List.of(2, 9))
            .optGlobalPad(GlobalPad.ZERO_BYTE)
            .optGlobalPosition(Position.ROTARY)
            .optLocalPosition(Position.ROTARY)
            .optLocalFirstInput(LocalFirstInput.PREVIOUS_BYTE)
            .optCrossPatch(2)
            .build(),
        variant()
            .optConvolutionalEncoder(List.of(3))
            .optGlobalPad(GlobalPad.ZERO_BYTE)
            .optTiedOutput(false)
            .optLocalModel(false)
            .build(),
        community
            .setDims(List.of(12, 8))
            .setDepths(List.of(2, 1))
            .setStageLengths(List.of(6, 4))
            .optLearnedPositions(true)
            .build(),
        community
            .setDims(List.of(12, 10, 6))
            .setDepths(List.of(1, 2, 1))
            .setStageLengths(List.of(3, 4, 2))
            .optRotary(true)
            .optLearnedPositions(false)
            .build(),
        community
            .setDims(List.of(8, 6, 4, 4))
            .setDepths(List.of(1, 1, 1, 1))
            .setStageLengths(List.of(3, 2, 2, 2))
            .build());
  }

  private static MegabyteConfig.Builder variant() {
    return MegabyteConfig.builder()
        .optVocabularySize(11)
        .setContextLength(LENGTH)
        .setPatchSize(4)
        .setGlobal(TransformerSize.of(16, 2, 2))
        .setLocal(TransformerSize.of(8, 2, 2))
        .optInitStd(0.3)
        .optDropout(0);
  }

  @Override
  boolean seesTheWholePast(ModelConfig config) {
    if (config instanceof MegabyteConfig megabyte) {
      return megabyte.globalModel() && megabyte.localModel();
    }
    return !(config instanceof MultiStageMegabyteConfig community) || community.stages() == 2;
  }

  /** With three stages of 2, 2 and 3, rows 7, 8 and 9 see bytes from 6 on only. */
  @Test
  void communityThreeStagesHaveTheKnownHole() {
    MultiStageMegabyteConfig config =
        MultiStageMegabyteConfig.builder()
            .optVocabularySize(11)
            .setDims(List.of(12, 10, 6))
            .setDepths(List.of(1, 1, 1))
            .setStageLengths(List.of(2, 2, 3))
            .optHeadDim(4)
            .optHeads(2)
            .build();
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, 12);
      NDArray rows = model.logits(ids);
      for (int t = 0; t < 12; t++) {
        float[] moved = moved(model, ids, rows, t);
        for (int row : new int[] {7, 8, 9}) {
          assertThat(moved[row] > 1e-6f)
              .as("row %d after id %d", row, t)
              .isEqualTo(t >= 6 && t < row);
        }
      }
    }
  }

  @Test
  void untrainedModelIsUniform() {
    try (SequenceModel model =
            MegabyteConfig.preset("tiny").toBuilder()
                .optInitStd(0.006)
                .build()
                .newModel()
                .initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids =
          SequenceModel.ids(
              manager,
              new Random(1)
                  .ints(256, 0, 256)
                  .collect(
                      java.io.ByteArrayOutputStream::new,
                      java.io.ByteArrayOutputStream::write,
                      (a, b) -> {})
                  .toByteArray());
      assertThat(model.perByteLoss(ids).mean().getFloat() / Math.log(2)).isCloseTo(8, within(0.01));
    }
  }

  @Test
  void dropoutActsInTrainingOnly() {
    MegabyteConfig config =
        ((MegabyteConfig) configs().findFirst().orElseThrow()).toBuilder().optDropout(0.5).build();
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, LENGTH);
      ParameterStore store = new ParameterStore(manager, false);
      assertThat(model.logits(ids).sub(model.logits(ids)).abs().max().getFloat()).isZero();
      float moved =
          model.logits(store, ids, true).sub(model.logits(store, ids, true)).abs().max().getFloat();
      assertThat(moved).isGreaterThan(1e-3f);
    }
  }

  @Test
  void lastPatchIsNoGlobalInput() {
    MegabyteConfig config = (MegabyteConfig) configs().findFirst().orElseThrow();
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager();
        var gradients = ai.djl.engine.Engine.getInstance().newGradientCollector()) {
      NDArray loss =
          model.perByteLoss(new ParameterStore(manager, false), ids(manager, 1, LENGTH), true);
      gradients.backward(loss.mean());
      NDArray gradient = model.weight("globalPosition.weight").getGradient();
      assertThat(gradient.get("{}:", LENGTH - 4).abs().sum().getFloat()).isZero();
      assertThat(gradient.get(":{}", LENGTH - 4).abs().sum().getFloat()).isPositive();
    }
  }

  @Test
  void wrongIdsAreNamed() {
    try (SequenceModel model = model(configs().findFirst().orElseThrow());
        NDManager manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> model.logits(ids(manager, 1, LENGTH + 1)))
          .hasMessageContaining("25 bytes")
          .hasMessageContaining("at most 24");
      assertThatThrownBy(() -> model.logits(manager.zeros(new Shape(1, 4))))
          .hasMessageContaining("int64");
      assertThatThrownBy(() -> model.weight("nothing")).hasMessageContaining("localPad.weight");
      Parameter some = model.namedParameters().values().iterator().next();
      assertThat(some.isInitialized()).isTrue();
      assertThatThrownBy(() -> MegabyteConfig.preset("tiny").newModel().manager())
          .hasMessageContaining("initialize");
      assertThatThrownBy(
              () ->
                  MegabyteConfig.preset("tiny")
                      .newModel()
                      .initialize(manager, DataType.BFLOAT16, new Shape(1, 1)))
          .hasMessageContaining("bfloat16");
    }
  }
}
