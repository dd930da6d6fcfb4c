package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.layer.RopePairing;
import org.megalab.torchscript.GradientCheck;

/** The written oracle, in float64, and the sizes. */
class LlamaGoldenTest {
  private static final double TOLERANCE = 1e-9;

  private int filled;

  private static LlamaConfig config(RopePairing pairing) {
    return LlamaConfig.builder()
        .optVocabularySize(7)
        .optStartId(0)
        .setContextLength(5)
        .setModelDim(8)
        .setLayers(1)
        .setHeads(2)
        .optFeedForwardDim(12)
        .optRopePairing(pairing)
        .build();
  }

  private Llama oracle(NDManager manager, RopePairing pairing) {
    Llama model = config(pairing).newModel();
    model.initialize(manager, DataType.FLOAT64, new Shape(1, 5));
    filled = 0;
    fill(model, "embedding.weight", 0.5, 0);
    String layer = "stack.layers.0.";
    fill(model, layer + "mixerNorm.weight", 0.1, 1);
    for (String part : new String[] {"query", "key", "value", "out"}) {
      fill(model, layer + "mixer." + part + ".weight", 0.4, 0);
    }
    fill(model, layer + "feedForwardNorm.weight", 0.1, 1);
    for (String part : new String[] {"in", "out", "gate"}) {
      fill(model, layer + "feedForward." + part + ".weight", 0.4, 0);
    }
    fill(model, "stack.norm.weight", 0.1, 1);
    fill(model, "head.weight", 0.5, 0);
    return model;
  }

  private void fill(Llama model, String name, double scale, double offset) {
    NDArray array = model.weight(name);
    array.set(DoubleBuffer.wrap(GradientCheck.fill(++filled, (int) array.size(), scale, offset)));
  }

  private static NDArray logits(NDManager manager, Llama model) {
    NDArray ids = manager.create(new long[] {1, 4, 2, 6, 0}, new Shape(1, 5));
    return model.nextLogits(new ParameterStore(manager, false), ids, null, false).squeeze(0);
  }

  private static void close(NDArray row, double... expected) {
    double[] values = row.toDoubleArray();
    assertThat(values).hasSameSizeAs(expected);
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).as("entry %d", i).isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  @Test
  void logits() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray rows = logits(manager, oracle(manager, RopePairing.ADJACENT));
      close(
          rows.get(0),
          -1.9330311810,
          0.2485004615,
          1.6542214872,
          -2.1044848868,
          0.7069442957,
          1.3113156452,
          -2.1781991627);
      close(
          rows.get(2),
          1.6211839609,
          -1.8731939350,
          0.4804806563,
          1.3341097666,
          -1.9773098098,
          0.8843695841,
          0.9850749809);
      close(
          rows.get(4),
          0.8548568482,
          0.9737504558,
          -1.9473742008,
          1.2111420842,
          0.5885109153,
          -1.8714328019,
          1.5111777660);
      double[] all = rows.toDoubleArray();
      assertThat(Arrays.stream(all).sum()).isCloseTo(-1.1842790826, within(TOLERANCE));
      assertThat(Arrays.stream(all).map(Math::abs).sum())
          .isCloseTo(44.6850631168, within(TOLERANCE));
    }
  }

  /** Channels 2i and 2i + 1 of one pairing are channels i and i + d/2 of the other. */
  @Test
  void pairingsAgreeWhenTheirRowsArePermuted() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray adjacent = logits(manager, oracle(manager, RopePairing.ADJACENT));
      Llama halves = oracle(manager, RopePairing.HALF_SPLIT);
      assertThat(logits(manager, halves).sub(adjacent).abs().max().getDouble()).isGreaterThan(1e-4);
      for (String part : new String[] {"query", "key"}) {
        NDArray weight = halves.weight("stack.layers.0.mixer." + part + ".weight");
        double[] rows = weight.toDoubleArray();
        double[] permuted = new double[rows.length];
        int headDim = 4;
        for (int head = 0; head < 2; head++) {
          for (int i = 0; i < headDim / 2; i++) {
            copyRow(rows, head * headDim + 2 * i, permuted, head * headDim + i);
            copyRow(rows, head * headDim + 2 * i + 1, permuted, head * headDim + headDim / 2 + i);
          }
        }
        weight.set(DoubleBuffer.wrap(permuted));
      }
      assertThat(logits(manager, halves).sub(adjacent).abs().max().getDouble()).isLessThan(1e-12);
    }
  }

  private static void copyRow(double[] from, int row, double[] to, int target) {
    System.arraycopy(from, row * 8, to, target * 8, 8);
  }

  /** One group for all heads is the same key and value head for each. */
  @Test
  void oneGroupIsTheSameHeadForAll() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Llama whole = oracle(manager, RopePairing.ADJACENT);
      Llama grouped =
          config(RopePairing.ADJACENT).toBuilder().optKeyValueHeads(1).build().newModel();
      grouped.initialize(manager, DataType.FLOAT64, new Shape(1, 5));
      whole
          .namedParameters()
          .forEach(
              (name, parameter) -> {
                double[] values = parameter.getArray().toDoubleArray();
                if (name.contains("mixer.key") || name.contains("mixer.value")) {
                  int half = values.length / 2;
                  System.arraycopy(values, 0, values, half, half); // head 1 is head 0
                  parameter.getArray().set(DoubleBuffer.wrap(values));
                  values = Arrays.copyOf(values, half);
                }
                grouped.weight(name).set(DoubleBuffer.wrap(values));
              });
      assertThat(logits(manager, grouped).sub(logits(manager, whole)).abs().max().getDouble())
          .isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @CsvSource({"7b, 6738415616", "13b, 13015864320"})
  void presetsHaveThePublishedSizes(String name, long parameters) {
    LlamaConfig config = LlamaConfig.preset(name);
    assertThat(config.parameterCount()).isEqualTo(parameters);
    assertThat(config.feedForwardDim()).isEqualTo(name.equals("7b") ? 11_008 : 13_824);
  }

  @Test
  void contradictionsAreNamed() {
    LlamaConfig.Builder builder = config(RopePairing.ADJACENT).toBuilder();
    assertThatThrownBy(() -> builder.setHeads(3).build())
        .hasMessageContaining("heads = 3")
        .hasMessageContaining("modelDim = 8");
    assertThatThrownBy(() -> builder.setHeads(8).optKeyValueHeads(8).build())
        .hasMessageContaining("head dimension is 1");
    assertThatThrownBy(() -> builder.setHeads(2).optKeyValueHeads(4).build())
        .hasMessageContaining("keyValueHeads = 4");
    assertThatThrownBy(() -> builder.optKeyValueHeads(2).optStartId(7).build())
        .hasMessageContaining("startId")
        .hasMessageContaining("got 7");
  }
}
