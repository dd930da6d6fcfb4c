package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.layer.LayerState;
import org.megalab.torchscript.GradientCheck;

/** The whole model's written oracle, in float64. */
class MegalodonGoldenTest {
  private static final double TOLERANCE = 1e-9;
  private static final long[] TOKENS = {1, 4, 7, 2, 9, 0, 3, 10};

  private int filled;

  private Megalodon oracle(NDManager manager) {
    MegalodonConfig config =
        MegalodonConfig.builder()
            .optVocabularySize(11)
            .optStartId(0)
            .setContextLength(8)
            .setModelDim(8)
            .setLayers(2)
            .optHeads(2)
            .setSharedDim(8)
            .setValueDim(12)
            .setFeedForwardDim(10)
            .optSwiglu(true)
            .optEmaModes(3)
            .optNormGroups(2)
            .optChunkSize(4)
            .optScaledEmbedding(true)
            .optRescaledFeedForward(true)
            .build();
    Megalodon model = config.newModel();
    model.initialize(manager, DataType.FLOAT64, new Shape(1, 8));
    fill(model, 0.5, "embedding.weight");
    for (int l = 0; l < 2; l++) {
      String layer = "stack.layers." + l + ".";
      fill(model, 0.1, layer + "norm.weight", layer + "norm.bias");
      fill(model, 0.5, layer + "ema.alpha", layer + "ema.delta");
      fill(model, 1, layer + "ema.theta", layer + "ema.gamma");
      fill(model, 0.3, layer + "ema.omega");
      fill(model, 0.1, layer + "emaNorm.weight");
      for (String part : new String[] {"value", "shared", "gate", "skip"}) {
        fill(model, 0.4, layer + "attention." + part + ".weight");
        fill(model, 0.1, layer + "attention." + part + ".bias");
      }
      fill(model, 0.4, layer + "attention.out.weight");
      fill(model, 0.2, layer + "attention.gamma", layer + "attention.beta");
      fill(model, 0.1, layer + "feedForwardNorm.weight", layer + "feedForwardNorm.bias");
      fill(
          model,
          0.4,
          layer + "feedForward.in.weight",
          layer + "feedForward.out.weight",
          layer + "feedForward.gate.weight");
      fill(model, 0.05, 0.1 * Math.pow(0.5, l), layer + "feedForwardScale.weight");
    }
    fill(model, 0.1, "stack.norm.weight", "stack.norm.bias");
    fill(model, 0.5, "head.weight");
    assertThat(filled).isEqualTo(model.namedParameters().size());
    return model;
  }

  private void fill(Megalodon model, double scale, String... names) {
    for (String name : names) {
      fill(model, scale, 0.0, name);
    }
  }

  private void fill(Megalodon model, double scale, double offset, String name) {
    NDArray array = model.weight(name);
    array.set(DoubleBuffer.wrap(GradientCheck.fill(++filled, (int) array.size(), scale, offset)));
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
      Megalodon model = oracle(manager);
      NDArray ids = manager.create(TOKENS, new Shape(1, 8));
      NDArray rows =
          model.nextLogits(new ParameterStore(manager, false), ids, null, false).squeeze(0);
      close(
          rows.get(0),
          0.1310744782,
          2.4857798932,
          -2.9200412532,
          0.7904144550,
          2.0332211211,
          -3.0716245365,
          1.4130448984,
          1.4862326505,
          -3.0805511380,
          1.9700487347,
          0.8702184849);
      close(
          rows.get(3),
          -1.8201872860,
          -0.3050418915,
          2.1624346839,
          -2.1211417393,
          0.2174195631,
          1.8772038350,
          -2.3235831619,
          0.7297833143,
          1.5047892606,
          -2.4181094862,
          1.2082534484);
      close(
          rows.get(4),
          2.6653897929,
          -1.2562826650,
          -1.2558801970,
          2.6653407044,
          -1.7345481547,
          -0.7192322873,
          2.5415041360,
          -2.1322553336,
          -0.1491807860,
          2.2996314786,
          -2.4309333287);
      close(
          rows.get(7),
          -1.3886827763,
          2.9573419753,
          -1.9293618077,
          -0.7926587734,
          2.8186999944,
          -2.3698338732,
          -0.1598210033,
          2.5491480068,
          -2.7002428001,
          0.4804393974,
          2.1612049230);
      double[] all = rows.toDoubleArray();
      assertThat(Arrays.stream(all).sum()).isCloseTo(5.5227297190, within(TOLERANCE));
      assertThat(Arrays.stream(all).map(Math::abs).sum())
          .isCloseTo(156.9097279780, within(TOLERANCE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "1,1,1,1,1,1,1,1", "4,4", "3,2,3", "1,6,1"})
  void streamedLogitsAndStates(String splits) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Megalodon model = oracle(manager);
      ParameterStore store = new ParameterStore(manager, false);
      NDArray ids = manager.create(TOKENS, new Shape(1, 8));
      NDArray rows = model.nextLogits(store, ids, null, false);
      LayerState state = model.newState(manager, DataType.FLOAT64, 1, 8);
      NDList parts = new NDList();
      int from = 0;
      for (String n : splits.split(",", -1)) {
        int to = from + Integer.parseInt(n);
        parts.add(model.nextLogits(store, ids.get(":, {}:{}", from, to), state, false));
        from = to;
      }
      assertThat(NDArrays.concat(parts, 1).sub(rows).abs().max().getDouble()).isLessThan(1e-12);
      LayerState finalNorm = state.inner(2);
      close(finalNorm.get(1), 0.0475022797, -0.0113389903);
      close(finalNorm.get(2), 1.0686262075, 0.9504797931);
      LayerState ema = state.inner(0).inner(1);
      NDArray alpha = ai.djl.nn.Activation.sigmoid(model.weight("stack.layers.0.ema.alpha"));
      close(ema.get(0).mul(alpha).get("0, 0"), -0.0048206293, -0.9874527760, -0.7013263836);
      close(ema.get(1).mul(alpha).get("0, 0"), 0.7964078741, 0.0337501542, 0.2612735625);
    }
  }

  @Test
  void lossAndItsGradients() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Megalodon model = oracle(manager);
      model.namedParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
      NDArray ids = manager.create(TOKENS, new Shape(1, 8));
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        NDArray rows = model.nextLogits(new ParameterStore(manager, false), ids, null, true);
        NDArray loss =
            rows.get(":, :7").logSoftmax(-1).gather(ids.get(":, 1:").expandDims(2), 2).mean().neg();
        assertThat(loss.getDouble()).isCloseTo(3.5533609532, within(TOLERANCE));
        gradients.backward(loss);
      }
      gradient(model, "embedding.weight", 4 * 8, 0.189457649);
      gradient(model, "stack.layers.0.ema.theta", 3, 3.7635e-5);
      gradient(model, "stack.layers.0.ema.gamma", (2 * 3 + 1) * 2, 7.88698e-4);
      gradient(model, "stack.layers.0.ema.omega", 5, 7.50204e-4);
      gradient(model, "stack.layers.0.norm.weight", 1, -1.69626e-4);
      gradient(model, "stack.layers.1.ema.theta", 0, -3.21323e-4);
      gradient(model, "stack.layers.1.feedForwardScale.weight", 7, -0.028772617);
      gradient(model, "stack.layers.1.feedForward.out.weight", 0, 1.55241e-4);
      gradient(model, "stack.norm.weight", 2, 0.247293752);
      gradient(model, "head.weight", 9 * 8 + 4, -0.258705589);
    }
  }

  private static void gradient(Megalodon model, String name, int index, double expected) {
    double value = model.weight(name).getGradient().toDoubleArray()[index];
    assertThat(value).as(name).isCloseTo(expected, within(1e-9));
  }
}
