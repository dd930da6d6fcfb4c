package org.megalab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.data.Split;
import org.megalab.data.file.Document;
import org.megalab.model.HierarchicalMegabyteConfig;
import org.megalab.model.LlamaConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;

class InferenceTest {
  private static final int WINDOW = 30;

  private static MegabyteConfig megabyte(int patch) {
    return MegabyteConfig.builder()
        .setContextLength(WINDOW)
        .setPatchSize(patch)
        .setGlobal(TransformerSize.of(30, 1, 2))
        .setLocal(TransformerSize.of(8, 1, 2))
        .optInitStd(0.3)
        .optDropout(0)
        .build();
  }

  private static SequenceModel model(ModelConfig config) {
    return config.newModel().initialize(Device.cpu(), 3);
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /** Also for an odd patch and windows that end within a patch. */
  @ParameterizedTest
  @CsvSource({"6, 30", "6, 27", "5, 30", "5, 13", "2, 30", "6, 3", "6, 4", "1, 30"})
  void stridedTakesTheFirstHalfOfEveryPatch(int patch, int length) {
    try (SequenceModel model = model(megabyte(patch));
        NDManager manager = model.manager().newSubManager()) {
      byte[] other = Arrays.copyOf(bytes(100), length);
      NDArray ids = SequenceModel.ids(manager, bytes(length), other);
      int shift = patch / 2;
      NDArray strided = Inference.STRIDED.perByteLoss(model, ids);
      NDArray a = model.perByteLoss(ids);
      assertThat(strided.getShape()).isEqualTo(ids.getShape());
      for (int t = 0; t < length; t++) {
        boolean first = shift == 0 || t % patch < shift;
        NDArray expected =
            first
                ? a.get(":, {}", t)
                : model.perByteLoss(ids.get(":, {}:", shift)).get(":, {}", t - shift);
        assertThat(strided.get(":, {}", t).toFloatArray())
            .as("byte %d", t)
            .containsExactly(expected.toFloatArray(), within(1e-6f));
      }
    }
  }

  /** The costs of sliding windows, one window after the other. */
  @ParameterizedTest
  @ValueSource(ints = {1, 14, 15, 30, 31, 44, 45, 46, 60, 61, 100})
  void slidingCountsTheSecondHalf(int length) {
    try (SequenceModel model = model(megabyte(6));
        NDManager manager = model.manager().newSubManager()) {
      byte[] text = bytes(length);
      double[] expected = new double[length];
      int counted = 0;
      for (int from = 0; counted < length; from += WINDOW / 2) {
        int to = Math.min(from + WINDOW, length);
        NDArray ids = SequenceModel.ids(manager, Arrays.copyOfRange(text, from, to));
        float[] costs = model.perByteLoss(ids).toFloatArray();
        for (; counted < to; counted++) {
          expected[counted] = costs[counted - from];
        }
      }
      double[] costs = Inference.SLIDING.costs(model, Document.of("text", text), WINDOW);
      assertThat(costs).containsExactly(expected, within(1e-5));
    }
  }

  @ParameterizedTest
  @EnumSource(Inference.class)
  void everyByteCountsOnce(Inference inference) {
    List<Document> documents =
        List.of(
            Document.of("long", bytes(107)),
            Document.of("short", bytes(7)),
            Document.of("even", bytes(60)));
    try (SequenceModel model = model(megabyte(6))) {
      BitsPerByte cost = BitsPerByte.of(model, new Split("test", documents), inference);
      assertThat(cost.bytes()).isEqualTo(174);
      double nats = 0;
      for (Document document : documents) {
        double[] costs = inference.costs(model, document, WINDOW);
        assertThat(costs).hasSize((int) document.length());
        assertThat(Arrays.stream(costs).allMatch(c -> c > 0)).isTrue(); // and no NaN
        nats += Arrays.stream(costs).sum();
      }
      assertThat(cost.nats()).isCloseTo(nats, within(1e-3));
    }
  }

  /** Both: strided passes over each of the sliding windows. */
  @Test
  void bothCompose() {
    byte[] text = bytes(52);
    try (SequenceModel model = model(megabyte(6));
        NDManager manager = model.manager().newSubManager()) {
      double[] costs = Inference.BOTH.costs(model, Document.of("text", text), WINDOW);
      NDArray second = SequenceModel.ids(manager, Arrays.copyOfRange(text, 15, 45));
      float[] expected = Inference.STRIDED.perByteLoss(model, second).toFloatArray();
      for (int t = 30; t < 45; t++) {
        assertThat(costs[t]).isCloseTo(expected[t - 15], within(1e-5));
      }
      assertThat(List.of(Inference.values()))
          .extracting(Inference::passes)
          .containsExactly(1, 2, 2, 4);
    }
  }

  @Test
  void basicIsTheMeanOfTheWindows() {
    byte[] text = bytes(47);
    try (SequenceModel model = model(megabyte(6));
        NDManager manager = model.manager().newSubManager()) {
      double nats =
          model.perByteLoss(SequenceModel.ids(manager, Arrays.copyOf(text, 30))).sum().getFloat()
              + model
                  .perByteLoss(SequenceModel.ids(manager, Arrays.copyOfRange(text, 30, 47)))
                  .sum()
                  .getFloat();
      Split split = new Split("test", List.of(Document.of("text", text)));
      assertThat(BitsPerByte.of(model, split).value())
          .isCloseTo(nats / 47 / Math.log(2), within(1e-5));
    }
  }

  @Test
  void stridedNeedsPatches() {
    LlamaConfig llama =
        LlamaConfig.builder()
            .setContextLength(WINDOW)
            .setModelDim(16)
            .setLayers(1)
            .setHeads(2)
            .build();
    Split split = new Split("test", List.of(Document.of("text", bytes(40))));
    try (SequenceModel model = model(llama)) {
      assertThat(BitsPerByte.of(model, split, Inference.SLIDING).bytes()).isEqualTo(40);
      assertThatThrownBy(() -> BitsPerByte.of(model, split, Inference.BOTH))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got \"llama\"; take basic or sliding");
      assertThatThrownBy(() -> Inference.SLIDING.costs(model, split.documents().get(0), 1))
          .hasMessageContaining("at least 2 bytes, got 1");
    }
    HierarchicalMegabyteConfig three =
        HierarchicalMegabyteConfig.builder()
            .setLevels(
                List.of(
                    TransformerSize.of(12, 1, 2),
                    TransformerSize.of(12, 1, 2),
                    TransformerSize.of(8, 1, 2)))
            .setLengths(List.of(5, 2, 3))
            .optInitStd(0.3)
            .build();
    try (SequenceModel model = model(three)) {
      assertThat(BitsPerByte.of(model, split, Inference.STRIDED).value())
          .isNotEqualTo(BitsPerByte.of(model, split).value());
    }
  }
}
