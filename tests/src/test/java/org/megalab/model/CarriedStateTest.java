package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.GradientCheck;

/** Training that goes on where it stopped. */
class CarriedStateTest {

  private static LanguageModel tiny(String architecture) {
    return (LanguageModel) RecomputationTest.tiny(architecture, more(architecture));
  }

  private static String more(String architecture) {
    return switch (architecture) {
      case "mega" -> ", 'chunkSize': 64";
      case "transformer-xl" -> ", 'segmentLength': 64, 'memoryLength': 80";
      default -> "";
    };
  }

  private static NDArray ids(NDManager manager, int step, int length) {
    long[] ids = new Random(step).longs(3L * length, 0, 256).toArray();
    return manager.create(ids, new Shape(3, length));
  }

  private static float[] cost(LanguageModel model, CarriedState carried, int step, int length) {
    try (NDManager scope = model.manager().newSubManager()) {
      ParameterStore store = new ParameterStore(scope, false);
      NDArray cost = model.perByteLoss(store, ids(scope, step, length), carried, true);
      return cost.toFloatArray();
    }
  }

  private static float[] row(float[] cost, int row) {
    int length = cost.length / 3;
    return java.util.Arrays.copyOfRange(cost, row * length, (row + 1) * length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"megalodon", "mega", "s4d", "transformer-xl"})
  void partsOfADocumentCostWhatTheWholeCosts(String architecture) {
    try (LanguageModel model = tiny(architecture);
        NDManager manager = NDManager.newBaseManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDArray ids = ids(manager, 1, 320);
      NDArray whole = model.perByteLoss(store, ids, true);
      for (int part : new int[] {64, 128, 320, 50, 3}) {
        for (boolean training : new boolean[] {true, false}) {
          try (CarriedState carried = model.newCarriedState(manager, 3)) {
            NDList parts = new NDList();
            for (int t = 0; t < 320; t += part) {
              NDArray next = ids.get(":, {}:{}", t, Math.min(320, t + part));
              parts.add(model.perByteLoss(store, next, carried, training));
            }
            NDArray all = NDArrays.concat(parts, 1);
            assertThat(all.sub(whole).abs().max().getFloat())
                .as("parts of %d, training %s", part, training)
                .isLessThan(2e-5f);
            assertThat(carried.positions()).containsExactly(320, 320, 320);
          }
        }
      }
    }
  }

  static Stream<ModelConfig> small() {
    return Stream.of(
        MegalodonContractTest.small().build(), // chunks of 6
        MegaContractTest.mega().optChunkSize(5).build(),
        S4dContractTest.s4d().build(),
        TransformerXlContractTest.builder().build(), // segments of 7
        TransformerXlContractTest.builder().optPreNorm(true).optSameLength(true).build());
  }

  /** The state as it was is a constant; parameters alone move the cost of the second part. */
  @ParameterizedTest
  @MethodSource("small")
  void gradientsAreThoseWithAConstantState(ModelConfig config) {
    try (NDManager manager = NDManager.newBaseManager()) {
      LanguageModel model = (LanguageModel) config.newModel();
      model.initialize(manager, DataType.FLOAT64, new Shape(1, 24));
      ParameterStore store = new ParameterStore(manager, false);
      NDArray ids = ModelContract.ids(manager, 2, 14);
      CarriedState carried = model.newCarriedState(manager, 2);
      model.perByteLoss(store, ids.get(":, :7"), carried, true);
      Map<String, NDArray> before = carried.arrays(manager);
      NDArray second = ids.get(":, 7:");
      NDList leaves = new NDList();
      model.namedParameters().values().forEach(p -> leaves.add(p.getArray()));
      double worst =
          GradientCheck.worst(
              inputs -> {
                carried.load(before);
                return model.perByteLoss(store, second, carried, true);
              },
              leaves,
              4);
      assertThat(worst).isLessThan(1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "megalodon, 64",
    "megalodon, 50",
    "mega, 64",
    "mega, 50",
    "s4d, 50",
    "transformer-xl, 64",
    "transformer-xl, 50"
  })
  void recomputationStartsFromTheStateAsItWas(String architecture, int length) {
    String more = more(architecture) + ", 'dropout': 0.1";
    try (LanguageModel model = (LanguageModel) RecomputationTest.tiny(architecture, more);
        NDManager manager = NDManager.newBaseManager()) {
      // A parameter is used several times a segment where there are several memories or groups.
      boolean parts =
          architecture.equals("transformer-xl") || (length == 50 && !architecture.equals("s4d"));
      List<Map<String, float[]>> kept = null;
      Map<String, NDArray> end = null;
      for (Autograd.Options options :
          List.of(
              new Autograd.Options(9, 0, 0),
              new Autograd.Options(9, 1, 0),
              new Autograd.Options(9, 2, length))) {
        List<Map<String, float[]>> gradients = new ArrayList<>();
        try (CarriedState carried = model.newCarriedState(manager, 3)) {
          for (int step = 0; step < 4; step++) {
            int now = step;
            carried.reset(new boolean[] {step == 2, false, false});
            gradients.add(
                Gradients.of(
                    model,
                    options,
                    scope ->
                        model
                            .perByteLoss(
                                new ParameterStore(scope, false),
                                ids(scope, now, length),
                                carried,
                                true)
                            .mean()));
          }
          Map<String, NDArray> state = carried.arrays(manager);
          if (kept == null || end == null) {
            kept = gradients;
            end = state;
          }
          for (int step = 0; step < 4; step++) {
            assertThat(Gradients.distance(kept.get(step), gradients.get(step)))
                .as("step %d, %s", step, options)
                .isLessThanOrEqualTo(parts ? 2e-7 : 0);
          }
          requireSame(end, state);
        }
      }
    }
  }

  private static void requireSame(Map<String, NDArray> expected, Map<String, NDArray> actual) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, array) -> assertThat(array.contentEquals(actual.get(name))).as(name).isTrue());
  }

  @ParameterizedTest
  @CsvSource({
    "megalodon, 64",
    "megalodon, 50",
    "mega, 64",
    "mega, 50",
    "s4d, 50",
    "transformer-xl, 64",
    "transformer-xl, 50"
  })
  void rowsThatBeginAfreshAreFreshRows(String architecture, int length) {
    try (LanguageModel model = tiny(architecture);
        NDManager manager = NDManager.newBaseManager();
        CarriedState carried = model.newCarriedState(manager, 3);
        CarriedState other = model.newCarriedState(manager, 3);
        CarriedState fresh = model.newCarriedState(manager, 3)) {
      boolean aligned = architecture.equals("s4d") || length == 64;
      for (int step = 0; step < 3; step++) {
        cost(model, carried, step, length);
        cost(model, other, step, length);
      }
      carried.reset(new boolean[3]);
      requireSame(other.arrays(manager), carried.arrays(manager));
      carried.reset(new boolean[] {false, true, false});
      assertThat(carried.positions()).containsExactly(3L * length, 0, 3L * length);
      for (int step = 3; step < 7; step++) {
        float[] mixed = cost(model, carried, step, length);
        float[] old = cost(model, other, step, length);
        float[] begun = cost(model, fresh, step, length);
        float allowed = aligned ? 0 : 1e-5f;
        for (int b = 0; b < 3; b++) {
          assertThat(distance(row(mixed, b), row(b == 1 ? begun : old, b)))
              .as("row %d, step %d", b, step)
              .isLessThanOrEqualTo(allowed);
        }
        if (step == 3) {
          assertThat(distance(row(old, 1), row(begun, 1))).isGreaterThan(1e-3f);
        }
      }
      carried.reset(new boolean[] {true, true, true});
      try (CarriedState begun = model.newCarriedState(manager, 3)) {
        assertThat(cost(model, carried, 9, length)).containsExactly(cost(model, begun, 9, length));
      }
    }
  }

  private static float distance(float[] a, float[] b) {
    float largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  @ParameterizedTest
  @ValueSource(strings = {"megalodon", "mega", "s4d", "transformer-xl"})
  void whatIsSavedGoesOnBitForBit(String architecture) {
    try (LanguageModel model = tiny(architecture);
        NDManager manager = NDManager.newBaseManager();
        CarriedState carried = model.newCarriedState(manager, 3);
        CarriedState loaded = model.newCarriedState(manager, 3);
        CarriedState narrow = model.newCarriedState(manager, 2)) {
      cost(model, carried, 0, 50);
      carried.reset(new boolean[] {false, false, true});
      cost(model, carried, 1, 50);
      Map<String, NDArray> arrays = carried.arrays(manager);
      assertThat(arrays.keySet()).contains("last", "positions").hasSizeGreaterThan(4);
      loaded.load(arrays);
      requireSame(arrays, loaded.arrays(manager));
      assertThat(loaded.positions()).containsExactly(100, 100, 50);
      for (int step = 2; step < 5; step++) {
        assertThat(cost(model, loaded, step, 50)).containsExactly(cost(model, carried, step, 50));
      }
      assertThatThrownBy(() -> narrow.load(arrays))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("another model or batch size");
      arrays.remove("last");
      assertThatThrownBy(() -> loaded.load(arrays)).hasMessageContaining("no \"last\"");
    }
  }

  /** Were the graph of a step kept, two hundred steps would take about a gigabyte. */
  @Test
  void memoryIsFlat() throws IOException {
    try (LanguageModel model = tiny("megalodon");
        NDManager manager = NDManager.newBaseManager();
        CarriedState carried = model.newCarriedState(manager, 3)) {
      int arrays = 0;
      long bytes = 0;
      for (int step = 0; step < 300; step++) {
        int now = step;
        carried.reset(new boolean[] {step % 7 == 0, step % 11 == 3, false});
        try (NDManager scope = manager.newSubManager();
            Autograd autograd = new Autograd(new Autograd.Options(step, step % 3, 20))) {
          NDArray ids = ids(scope, now, 40);
          ParameterStore store = new ParameterStore(scope, false);
          model.namedParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
          autograd.backward(model.perByteLoss(store, ids, carried, true).mean());
        }
        if (step == 100) {
          arrays = managed(manager, model);
          bytes = resident();
        }
      }
      assertThat(managed(manager, model)).isEqualTo(arrays);
      assertThat(resident() - bytes).isLessThan(200L << 20);
    }
  }

  private static int managed(NDManager manager, LanguageModel model) {
    return manager.getManagedArrays().size() + model.manager().getManagedArrays().size();
  }

  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
        .sum();
  }

  @Test
  void evaluationMayGoOnAsTraining() {
    try (LanguageModel model = tiny("megalodon");
        NDManager manager = NDManager.newBaseManager();
        CarriedState carried = model.newCarriedState(manager, 3);
        CarriedState trained = model.newCarriedState(manager, 3)) {
      ParameterStore store = new ParameterStore(manager, false);
      model.perByteLoss(store, ids(manager, 0, 50), carried, false);
      Gradients.of(
          model, null, step -> model.perByteLoss(store, ids(step, 1, 50), carried, true).mean());
      cost(model, trained, 0, 50);
      cost(model, trained, 1, 50);
      assertThat(distance(cost(model, carried, 2, 50), cost(model, trained, 2, 50)))
          .isLessThan(1e-5f);
    }
  }

  @Test
  void othersSayWhoCan() {
    for (String architecture : new String[] {"transformer", "llama", "perceiver-ar"}) {
      try (LanguageModel model = (LanguageModel) RecomputationTest.tiny(architecture, "")) {
        assertThatThrownBy(() -> model.newCarriedState(model.manager(), 2))
            .isInstanceOf(UnsupportedOperationException.class)
            .hasMessageContaining(architecture)
            .hasMessageContaining("megalodon, mega with a chunkSize, s4d and transformer-xl");
      }
    }
    try (LanguageModel model = tiny("s4d");
        CarriedState carried = model.newCarriedState(model.manager(), 2)) {
      assertThatThrownBy(() -> carried.reset(new boolean[3])).hasMessageContaining("2 streams");
      try (NDManager manager = NDManager.newBaseManager()) {
        ParameterStore store = new ParameterStore(manager, false);
        assertThatThrownBy(() -> model.perByteLoss(store, ids(manager, 0, 5), carried, true))
            .hasMessageContaining("(2, T)");
      }
    }
  }
}
