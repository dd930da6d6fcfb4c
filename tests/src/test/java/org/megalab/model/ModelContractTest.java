package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.model.MegabyteConfig.GlobalPad;
import org.megalab.model.MegabyteConfig.Position;
import org.megalab.torchscript.GradientCheck;

/** What every model promises. */
class ModelContractTest {
  private static final int LENGTH = 24;

  static Stream<ModelConfig> configs() {
    MegabyteConfig.Builder megabyte =
        MegabyteConfig.builder()
            .optVocabularySize(11)
            .setContextLength(LENGTH)
            .setPatchSize(4)
            .setGlobal(TransformerSize.of(16, 2, 2))
            .setLocal(TransformerSize.of(8, 2, 2))
            .optInitStd(0.3)
            .optDropout(0);
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

  private static SequenceModel model(ModelConfig config) {
    return config.newModel().initialize(Device.cpu(), 3);
  }

  private static NDArray ids(NDManager manager, int batch, int length) {
    long[] ids = new Random(5).longs((long) batch * length, 0, 11).toArray();
    return manager.create(ids, new Shape(batch, length));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void rowsDependOnEarlierIdsAndNoOther(ModelConfig config) {
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, LENGTH);
      NDArray rows = model.logits(ids);
      for (int t = 0; t < LENGTH; t++) {
        float[] moved = moved(model, ids, rows, t);
        for (int row = 0; row < LENGTH; row++) {
          if (row <= t) {
            assertThat(moved[row]).as("row %d after a change of id %d", row, t).isLessThan(1e-6f);
          } else if (hasNoHole(config)) {
            assertThat(moved[row])
                .as("row %d after a change of id %d", row, t)
                .isGreaterThan(1e-6f);
          }
        }
      }
    }
  }

  /** How far each row moves when id t changes. */
  private static float[] moved(SequenceModel model, NDArray ids, NDArray rows, int t) {
    NDArray changed = ids.duplicate();
    changed.set(new NDIndex("0, {}", t), (ids.getLong(0, t) + 1) % 11);
    return model.logits(changed).sub(rows).abs().max(new int[] {2}).toFloatArray();
  }

  private static boolean hasNoHole(ModelConfig config) {
    return !(config instanceof MultiStageMegabyteConfig community) || community.stages() == 2;
  }

  /** Section 7.4.2: with three stages of 2, 2 and 3, rows 7, 8 and 9 see bytes from 6 on only. */
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

  @ParameterizedTest
  @MethodSource("configs")
  void shorterInputsGiveTheSameRows(ModelConfig config) {
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 2, LENGTH);
      NDArray rows = model.logits(ids);
      for (int length = 1; length <= LENGTH; length++) {
        NDArray shorter = ids.get(":, :{}", length);
        NDArray part = model.logits(shorter);
        assertThat(part.getShape()).isEqualTo(new Shape(2, length, 11));
        assertThat(part.sub(rows.get(":, :{}", length)).abs().max().getFloat()).isLessThan(1e-5f);
        NDArray loss = model.perByteLoss(shorter);
        NDArray expected = part.logSoftmax(-1).gather(shorter.expandDims(2), 2).squeeze(2).neg();
        assertThat(loss.sub(expected).abs().max().getFloat()).isLessThan(1e-5f);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void streamingInAnySplitIsTheFullForward(ModelConfig config) {
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager();
        DecodingState state = model.newDecodingState(2)) {
      NDArray ids = ids(manager, 2, LENGTH);
      NDArray rows = model.logits(ids);
      Random random = new Random(7);
      for (int round = 0; round < 12; round++) {
        state.reset();
        NDList parts = new NDList();
        while (state.position() < LENGTH) {
          long from = state.position();
          long n =
              round == 0 ? 1 : Math.min(1 + random.nextInt(round == 1 ? LENGTH : 9), LENGTH - from);
          NDArray next = state.next().duplicate();
          NDArray part = state.feed(ids.get(":, {}:{}", from, from + n));
          assertThat(part.get(":, 0").sub(next).abs().max().getFloat()).isLessThan(1e-5f);
          parts.add(part);
        }
        NDArray streamed = NDArrays.concat(parts, 1);
        assertThat(streamed.getShape()).isEqualTo(rows.getShape());
        assertThat(streamed.sub(rows).abs().max().getFloat()).isLessThan(2e-5f);
      }
      assertThat(state.feed(ids.get(":, :0")).getShape()).isEqualTo(new Shape(2, 0, 11));
      assertThatThrownBy(() -> state.feed(ids.get(":, :1"))).hasMessageContaining("no room");
      assertThatThrownBy(() -> state.feed(ids.get("0"))).hasMessageContaining("(2, n)");
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void streamingHoldsConstantMemory(ModelConfig config) {
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager();
        DecodingState state = model.newDecodingState(1)) {
      NDArray ids = ids(manager, 1, LENGTH);
      int before = 0;
      for (int round = 0; round < 3; round++) {
        state.reset();
        while (state.position() < LENGTH) {
          state.feed(ids.get(":, {}:{}", state.position(), state.position() + 1)).close();
        }
        int now = managed(model.manager());
        assertThat(round == 0 ? now : before).isEqualTo(now);
        before = now;
      }
    }
  }

  private static int managed(NDManager manager) {
    return manager.getManagedArrays().size();
  }

  @ParameterizedTest
  @MethodSource("configs")
  void parametersSurviveDjlsOwnFormat(ModelConfig config) throws Exception {
    try (SequenceModel model = model(config);
        SequenceModel copy = config.newModel().initialize(Device.cpu(), 4);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, LENGTH);
      assertThat(copy.logits(ids).sub(model.logits(ids)).abs().max().getFloat())
          .isGreaterThan(1e-4f);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      model.saveParameters(new DataOutputStream(bytes));
      copy.loadParameters(
          manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      model
          .namedParameters()
          .forEach(
              (name, p) ->
                  assertThat(copy.weight(name).contentEquals(p.getArray())).as(name).isTrue());
      assertThat(copy.logits(ids).sub(model.logits(ids)).abs().max().getFloat()).isLessThan(1e-6f);
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void configurationsSurviveTheirText(ModelConfig config) {
    assertThat(ModelConfig.fromJson(config.toJson())).isEqualTo(config);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void seedDecidesTheParameters(ModelConfig config) {
    try (SequenceModel one = model(config);
        SequenceModel two = model(config)) {
      one.namedParameters()
          .forEach(
              (name, p) ->
                  assertThat(two.weight(name).contentEquals(p.getArray())).as(name).isTrue());
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void gradientsAgreeWithFiniteDifferences(ModelConfig config) {
    try (NDManager manager = NDManager.newBaseManager()) {
      SequenceModel model = config.newModel();
      model.initialize(manager, DataType.FLOAT64, new Shape(1, LENGTH));
      NDArray ids = ids(manager, 1, LENGTH - 1);
      // Every kind of parameter once; the layers repeat them.
      NDList leaves = new NDList();
      for (String name : model.namedParameters().keySet()) {
        if (!name.contains("layers.1")) {
          leaves.add(model.weight(name));
        }
      }
      double worst =
          GradientCheck.worst(
              inputs -> model.perByteLoss(new ParameterStore(manager, false), ids, true),
              leaves,
              6);
      assertThat(worst).isLessThan(1e-6);
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
