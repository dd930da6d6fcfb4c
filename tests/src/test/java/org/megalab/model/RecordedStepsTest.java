package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.layer.LayerState;
import org.megalab.layer.Place;
import org.megalab.layer.TokenShiftTransformer;
import org.megalab.torchscript.Tensors;

/** Steps as they are recorded on a GPU, run on a CPU. */
class RecordedStepsTest {

  static Stream<ModelConfig> uniform() {
    return Stream.of(
            LlamaContractTest.configs(),
            ByteTransformerContractTest.configs(),
            MegalodonContractTest.configs(),
            S4dContractTest.configs())
        .flatMap(configs -> configs);
  }

  @ParameterizedTest
  @MethodSource("uniform")
  void aStepByItsPlaceIsTheRowOfAllAtOnce(ModelConfig config) {
    try (LanguageModel model = (LanguageModel) ModelContract.model(config);
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(model.hasUniformSteps()).isTrue();
      int length = ModelContract.LENGTH;
      NDArray ids = ModelContract.ids(manager, 2, length);
      ParameterStore store = new ParameterStore(manager, false);
      NDArray expected = model.nextLogits(store, ids, null, false); // (B, T, V)
      LayerState state = model.newState(manager, DataType.FLOAT32, 2, length);
      List<NDArray> fixed = state.all().toList();
      NDArray position = manager.zeros(new Shape(1), DataType.INT64);
      for (int t = 0; t < length; t++) {
        NDArray id = ids.get(":, {}:{}", t, t + 1);
        AtomicReference<NDArray> step = new AtomicReference<>();
        state.at(
            new Place(position, length), () -> step.set(model.nextLogits(store, id, state, false)));
        NDArray row = step.get();
        state.settle(fixed);
        assertThat(state.all()).containsExactlyElementsOf(fixed);
        position.addi(1);
        float difference = row.sub(expected.get(":, {}:{}", t, t + 1)).abs().max().getFloat();
        assertThat(difference).as("step " + t).isLessThan(2e-5f);
      }
    }
  }

  @Test
  void aStepOfAMegabyteStageByItsPlaceIsTheRowOfAllAtOnce() {
    MultiStageMegabyteConfig config = MultiStageMegabyteConfig.preset("tiny");
    try (MultiStageMegabyte model =
            (MultiStageMegabyte) config.newModel().initialize(Device.cpu(), 3);
        NDManager manager = NDManager.newBaseManager()) {
      TokenShiftTransformer stage = model.stages().get(0).transformer();
      ParameterStore store = new ParameterStore(manager, false);
      int length = 12;
      NDArray x = manager.randomNormal(new Shape(2, length, config.dims().get(0)));
      NDArray expected = stage.forward(store, x, null, false);
      LayerState state = stage.newState(manager, DataType.FLOAT32, 2, length);
      NDArray position = manager.zeros(new Shape(1), DataType.INT64);
      assertThat(stage.hasUniformSteps()).isTrue();
      for (int t = 0; t < length; t++) {
        NDArray h = x.get(":, {}:{}", t, t + 1);
        AtomicReference<NDArray> step = new AtomicReference<>();
        state.at(
            new Place(position, length), () -> step.set(stage.forward(store, h, state, false)));
        NDArray row = step.get();
        assertThat(state.place()).isNull();
        Tensors.increment(position);
        NDArray difference = row.sub(expected.get(":, {}:{}", t, t + 1)).abs();
        assertThat(difference.max().getFloat()).as("step " + t).isLessThan(2e-5f);
      }
    }
  }

  static Stream<ModelConfig> all() {
    return Stream.of(
            uniform(),
            MegabyteContractTest.configs(),
            Bfloat16Test.tiny().map(config -> config.withContextLength(320)))
        .flatMap(configs -> configs);
  }

  /** The steps of all states, with reaches that grow, between reads of several symbols. */
  @ParameterizedTest
  @MethodSource("all")
  void statesThatGoByPlacesGiveTheRowsOfAllAtOnce(ModelConfig config) {
    int length = config.contextLength();
    try (SequenceModel model = ModelContract.model(config);
        NDManager manager = NDManager.newBaseManager();
        AbstractDecodingState state = (AbstractDecodingState) model.newDecodingState(2)) {
      state.steps.goByPlaces();
      NDArray ids = ModelContract.ids(manager, 2, length);
      NDArray expected = model.logits(ids); // (B, T, V)
      float scale = expected.abs().max().getFloat();
      for (int pass = 0; pass < 2; pass++) {
        state.reset();
        int from = 0;
        while (from < length) {
          int to = Math.min(length, from + (from % 50 == 7 ? 9 : 1));
          NDArray rows = state.feed(ids.get(":, {}:{}", from, to));
          float difference = rows.sub(expected.get(":, {}:{}", from, to)).abs().max().getFloat();
          assertThat(difference / scale).as("pass %d, row %d", pass, from).isLessThan(2e-5f);
          from = to;
        }
      }
    }
  }

  @Test
  void layersThatCutTheirStepsDifferentlySaySo() {
    Stream.of("transformer-xl", "mega", "perceiver-ar")
        .forEach(
            name -> {
              try (SequenceModel model =
                  Bfloat16Test.tiny()
                      .filter(config -> config.architecture().equals(name))
                      .findFirst()
                      .orElseThrow()
                      .newModel()) {
                assertThat(((LanguageModel) model).hasUniformSteps()).as(name).isFalse();
              }
            });
  }

  @Test
  void onACpuEveryStepIsRun() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        RecordedSteps steps = new RecordedSteps(manager, new HashMap<>())) {
      List<Object> taken = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        steps.take("a", () -> taken.add("a"));
        steps.takeAt(
            "sequence",
            i,
            10,
            place -> {
              assertThat(place).isNull();
              taken.add("at");
            });
      }
      assertThat(taken).hasSize(10);
    }
  }

  @Test
  void settlingCopiesIntoTheArraysThatWereThere() {
    try (NDManager manager = NDManager.newBaseManager()) {
      LayerState inner = LayerState.of(manager.zeros(new Shape(2)), manager.ones(new Shape(3)));
      LayerState state = LayerState.of(List.of(LayerState.of(), inner));
      List<NDArray> fixed = state.all().toList();
      inner.replace(List.of(manager.full(new Shape(2), 7), fixed.get(1)));
      state.settle(fixed);
      assertThat(state.all()).containsExactlyElementsOf(fixed);
      assertThat(Tensors.floats(fixed.get(0))).containsExactly(7, 7);
      assertThat(Tensors.floats(fixed.get(1))).containsExactly(1, 1, 1);
    }
  }
}
