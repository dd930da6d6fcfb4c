package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.layer.CausalConvolution;
import org.megalab.layer.LayerStack;
import org.megalab.model.MegabyteConfig.LocalFirstInput;
import org.megalab.model.MegabyteConfig.Position;

/** What the paper's variants of MEGABYTE see. */
class MegabyteVariantsTest {
  private static final int LENGTH = 20;

  private static MegabyteConfig.Builder variant(int localLayers) {
    return MegabyteConfig.builder()
        .optVocabularySize(11)
        .setContextLength(LENGTH)
        .setPatchSize(4)
        .setGlobal(TransformerSize.of(16, 1, 2))
        .setLocal(TransformerSize.of(8, localLayers, 2))
        .optInitStd(0.3)
        .optDropout(0);
  }

  private static MegabyteConfig crossPatch(int localLayers, int reach) {
    return variant(localLayers).optLocalPosition(Position.ROTARY).optCrossPatch(reach).build();
  }

  /** The ids that a row depends on. */
  private static List<Integer> seen(SequenceModel model, int row) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ModelContract.ids(manager, 1, LENGTH);
      NDArray rows = model.logits(ids);
      List<Integer> seen = new ArrayList<>();
      for (int t = 0; t < LENGTH; t++) {
        if (ModelContract.moved(model, ids, rows, t)[row] > 1e-6f) {
          seen.add(t);
        }
      }
      return seen;
    }
  }

  private static Megabyte withoutGlobalPath(MegabyteConfig config) {
    Megabyte model = (Megabyte) ModelContract.model(config);
    model.weight("globalToLocal.weight").muli(0);
    return model;
  }

  @ParameterizedTest
  @CsvSource({
    "2, 2, 9 10 12 13 14 16",
    "1, 1, 14 16",
    "3, 1, 6 8 9 10 12 13 14 16",
    "2, 0, 16",
    "1, 4, 12 13 14 16"
  })
  void localModelAloneSeesExactly(int layers, int reach, String expected) {
    try (Megabyte model = withoutGlobalPath(crossPatch(layers, reach))) {
      assertThat(seen(model, 17))
          .containsExactlyElementsOf(
              Stream.of(expected.split(" ", -1)).map(Integer::valueOf).toList());
    }
  }

  /** The closed form: bytes from (k − L)P + max(P − r − 1, 0) on, but no last byte of a patch. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 3", "2, 2", "2, 4", "3, 1", "3, 3"})
  void reachGrowsByAPatchALayer(int layers, int reach) {
    try (Megabyte model = withoutGlobalPath(crossPatch(layers, reach))) {
      for (int row = 0; row < LENGTH; row++) {
        int k = row / 4;
        List<Integer> expected = new ArrayList<>();
        for (int t = Math.max(0, (k - layers) * 4 + Math.max(3 - reach, 0)); t < row; t++) {
          if (t >= k * 4 || t % 4 != 3) {
            expected.add(t);
          }
        }
        assertThat(seen(model, row)).as("row %d", row).isEqualTo(expected);
      }
    }
  }

  @Test
  void previousByteFillsTheGap() {
    MegabyteConfig config =
        variant(1).optGlobalModel(false).optLocalFirstInput(LocalFirstInput.PREVIOUS_BYTE).build();
    try (SequenceModel model = ModelContract.model(config)) {
      assertThat(seen(model, 16)).containsExactly(15);
      assertThat(seen(model, 18)).containsExactly(15, 16, 17);
    }
    try (SequenceModel model =
        ModelContract.model(config.toBuilder().optLocalFirstInput(LocalFirstInput.PAD).build())) {
      assertThat(seen(model, 16)).isEmpty();
      assertThat(seen(model, 18)).containsExactly(16, 17);
    }
  }

  @Test
  void bytesOfAPatchAreIndependentWithoutALocalModel() {
    try (SequenceModel model = ModelContract.model(variant(1).optLocalModel(false).build())) {
      for (int row : new int[] {0, 8, 11, 17}) {
        assertThat(seen(model, row)).isEqualTo(IntStream.range(0, row / 4 * 4).boxed().toList());
      }
    }
  }

  /** Rows of the first patch do not know of the reach; those of the second do. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void firstPatchIsTheSameForEveryReach(int reach) {
    try (SequenceModel plain = ModelContract.model(crossPatch(2, 0));
        SequenceModel reaching = ModelContract.model(crossPatch(2, reach));
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ModelContract.ids(manager, 2, LENGTH);
      NDArray apart = plain.logits(ids).sub(reaching.logits(ids)).abs();
      assertThat(apart.get(":, :4").max().getFloat()).isLessThan(1e-6f);
      assertThat(apart.get(":, 4:").max().getFloat()).isGreaterThan(1e-3f);
    }
  }

  /** Patches that do not know of each other may change places. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void patchesAreIndependentWithoutReach(int reach) {
    MegabyteConfig config = crossPatch(2, reach).toBuilder().optGlobalModel(false).build();
    try (SequenceModel model = ModelContract.model(config);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray patches = ModelContract.ids(manager, 1, LENGTH).reshape(5, 4);
      NDArray order = manager.create(new long[] {3, 0, 4, 2, 1});
      NDArray rows = model.logits(patches.reshape(1, LENGTH)).reshape(5, 44);
      NDArray swapped = model.logits(patches.get(order).reshape(1, LENGTH)).reshape(5, 44);
      float apart = rows.get(order).sub(swapped).abs().max().getFloat();
      assertThat(apart < 1e-6f).isEqualTo(reach == 0);
    }
  }

  /** The cost of patch 3 alone has a gradient at the bytes that its reach of 2 reads, 9 and 10. */
  @Test
  void gradientsFlowIntoThePatchBefore() {
    MegabyteConfig config = crossPatch(1, 2).toBuilder().optTiedOutput(false).build();
    try (Megabyte model = withoutGlobalPath(config);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      long[] ids = new long[LENGTH];
      ids[8] = 1;
      ids[9] = 2;
      ids[10] = 3;
      ids[11] = 4;
      NDArray loss =
          model.perByteLoss(
              new ParameterStore(manager, false), manager.create(ids, new Shape(1, LENGTH)), true);
      gradients.backward(loss.get(":, 12:16").sum());
      NDArray gradient = model.weight("localEmbedding.weight").getGradient();
      float[] sizes = gradient.abs().max(new int[] {1}).toFloatArray();
      assertThat(sizes[1]).isZero();
      assertThat(sizes[2]).isGreaterThan(1e-6f);
      assertThat(sizes[3]).isGreaterThan(1e-6f);
      assertThat(sizes[4]).isZero();
    }
  }

  /** 1 + 2 + 4 + 6 = 13 bytes, none of them to the right. */
  @Test
  void convolutionsSeeThirteenBytes() {
    LayerStack encoder = new LayerStack();
    for (int width : new int[] {3, 5, 7}) {
      encoder.add("width" + width, new CausalConvolution(3, width, new NormalInitializer(1f)));
    }
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      encoder.initialize(manager, DataType.FLOAT32, new Shape(1, 40, 3));
      ParameterStore store = new ParameterStore(manager, false);
      NDArray x = manager.randomNormal(new Shape(1, 40, 3));
      NDArray y = encoder.forward(store, x, false);
      boolean[] moved = new boolean[40];
      for (int round = 0; round < 8; round++) { // relu may hide one change, not all
        NDArray changed = x.duplicate();
        changed.set(new ai.djl.ndarray.index.NDIndex("0, 15"), manager.randomNormal(new Shape(3)));
        float[] by =
            encoder.forward(store, changed, false).sub(y).abs().max(new int[] {2}).toFloatArray();
        for (int t = 0; t < 40; t++) {
          moved[t] |= by[t] > 1e-6f;
        }
      }
      boolean[] expected = new boolean[40];
      Arrays.fill(expected, 15, 28, true);
      assertThat(moved).isEqualTo(expected);
    }
  }
}
