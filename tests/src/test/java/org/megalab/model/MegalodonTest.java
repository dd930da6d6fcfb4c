package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.megalab.json.ConfigException;
import org.megalab.layer.ComplexEma;
import org.megalab.layer.LayerState;
import org.megalab.layer.MegalodonLayer;
import org.megalab.layer.NormalizedAttention.AttentionDropout;
import org.megalab.model.MegalodonConfig.Residual;
import org.megalab.torchscript.Tensors;

/** What is particular to MEGALODON. */
class MegalodonTest {

  @ParameterizedTest
  @CsvSource({
    "200m, 220627968",
    "1.3b, 1342832640",
    "1.3b-pg19, 1327628288",
    "7.1b, 7117381632",
    "7.3b, 7385817088",
    "7b, 7385817088"
  })
  void presetsHaveThePublishedSizes(String name, long parameters) {
    assertThat(MegalodonConfig.preset(name).parameterCount()).isEqualTo(parameters);
  }

  @Test
  void paperPresetDiffersFromTheCodes() {
    MegalodonConfig paper = MegalodonConfig.preset("7b");
    assertThat(paper.chunkSize()).isEqualTo(4096);
    assertThat(paper.ropeBase()).isEqualTo(100_000);
    assertThat(MegalodonConfig.preset("7.3b").chunkSize()).isEqualTo(2048);
  }

  private static NDArray ids(NDManager manager, int batch, int length) {
    long[] ids = new Random(5).longs((long) batch * length, 0, 11).toArray();
    return manager.create(ids, new Shape(batch, length));
  }

  /** A block in float64 with random parameters everywhere, and an input for it. */
  private static MegalodonLayer block(NDManager manager, MegalodonConfig config) {
    MegalodonLayer block = Megalodon.layer(config, 0, false);
    block.initialize(manager, DataType.FLOAT64, new Shape(1, 12, 8));
    return block;
  }

  private static void zero(MegalodonLayer block, String... names) {
    for (String name : names) {
      Tensors.zero(new NDList(block.weight(name)));
    }
  }

  @Test
  void twoHopBlockWithoutFeedForwardIsTheIdentity() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDArray x = manager.randomNormal(0, 1, new Shape(2, 12, 8), DataType.FLOAT64);
      MegalodonLayer twoHop = block(manager, MegalodonContractTest.small().build());
      assertThat(twoHop.forward(store, x, false).sub(x).abs().max().getDouble())
          .isGreaterThan(1e-2);
      zero(twoHop, "feedForward.out.weight");
      assertThat(twoHop.forward(store, x, false).sub(x).abs().max().getDouble()).isZero();
      MegalodonLayer preNorm =
          block(manager, MegalodonContractTest.small().optResidual(Residual.PRE_NORM).build());
      zero(preNorm, "feedForward.out.weight");
      assertThat(preNorm.forward(store, x, false).sub(x).abs().max().getDouble())
          .isGreaterThan(1e-2);
    }
  }

  /** Without what attention writes, both residuals start from x. */
  @Test
  void blockWithoutAttentionIsItsFeedForward() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDArray x = manager.randomNormal(0, 1, new Shape(2, 12, 8), DataType.FLOAT64);
      List<NDArray> y = new ArrayList<>();
      for (Residual residual : Residual.values()) {
        MegalodonLayer block =
            block(manager, MegalodonContractTest.small().optResidual(residual).build());
        zero(block, "attention.skip.weight", "attention.skip.bias", "attention.out.weight");
        Tensors.assign(
            block.weight("feedForward.in.weight"),
            manager.create(
                org.megalab.torchscript.GradientCheck.fill(1, 80, 1, 0), new Shape(10, 8)));
        Tensors.assign(
            block.weight("feedForward.out.weight"),
            manager.create(
                org.megalab.torchscript.GradientCheck.fill(2, 80, 1, 0), new Shape(8, 10)));
        y.add(block.forward(store, x, false));
      }
      assertThat(y.get(0).sub(y.get(1)).abs().max().getDouble()).isZero();
      assertThat(y.get(0).sub(x).abs().max().getDouble()).isGreaterThan(1e-1);
    }
  }

  /** Parts trained with the states of the parts before them, gradients attached. */
  @ParameterizedTest
  @CsvSource({"12", "6", "8", "4", "1"})
  void segmentsWithAttachedStatesTrainAsOneSequence(int segment) {
    MegalodonConfig config = MegalodonContractTest.small().build();
    try (NDManager manager = NDManager.newBaseManager()) {
      Megalodon model = config.newModel();
      model.initialize(manager, DataType.FLOAT64, new Shape(1, 24));
      model.namedParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
      ParameterStore store = new ParameterStore(manager, false);
      NDArray ids = ids(manager, 2, 24);
      List<double[]> whole = new ArrayList<>();
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        gradients.backward(weighted(manager, model.nextLogits(store, ids, null, true)));
      }
      model
          .namedParameters()
          .values()
          .forEach(p -> whole.add(p.getArray().getGradient().toDoubleArray()));
      NDList all = new NDList();
      model.namedParameters().values().forEach(p -> all.add(p.getArray().getGradient()));
      Tensors.zero(all);
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        LayerState state = model.newState(manager, DataType.FLOAT64, 2, 24);
        NDList parts = new NDList();
        for (int from = 0; from < 24; from += segment) {
          NDArray part = ids.get(":, {}:{}", from, from + segment);
          parts.add(model.nextLogits(store, part, state, true));
        }
        gradients.backward(weighted(manager, NDArrays.concat(parts, 1)));
      }
      int i = 0;
      for (String name : model.namedParameters().keySet()) {
        double[] expected = whole.get(i++);
        double[] actual = model.weight(name).getGradient().toDoubleArray();
        for (int j = 0; j < expected.length; j++) {
          assertThat(actual[j]).as("%s[%d]", name, j).isCloseTo(expected[j], within(1e-10));
        }
      }
    }
  }

  private static NDArray weighted(NDManager manager, NDArray y) {
    double[] weights =
        org.megalab.torchscript.GradientCheck.fill(9, (int) y.getShape().size(), 1, 0.5);
    return y.mul(manager.create(weights, y.getShape())).sum();
  }

  @Test
  void activationsLeadToTheLogits() {
    MegalodonConfig config = MegalodonContractTest.small().optHeads(2).build();
    try (Megalodon model = config.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      model.initialize(manager, DataType.FLOAT64, new Shape(1, 24));
      NDArray ids = ids(manager, 2, 24);
      NDList x = model.activations(ids);
      assertThat(x).hasSize(config.layers() + 2);
      NDArray rows = x.get(config.layers() + 1).matMul(model.weight("head.weight").transpose());
      assertThat(rows.sub(model.logits(ids)).abs().max().getDouble()).isLessThan(1e-12);
      assertThat(x.get(0).get("1, 5").sub(model.weight("embedding.weight").get(ids.get("1, 4"))))
          .satisfies(difference -> assertThat(difference.abs().max().getDouble()).isZero());
    }
  }

  @Test
  void attentionWeightsAreDistributionsInChunks() {
    MegalodonConfig config = MegalodonContractTest.small().optHeads(2).build(); // chunks of 6
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      NDList weights = ((Megalodon) model).attentionWeights(ids(manager, 2, 24));
      assertThat(weights).hasSize(config.layers());
      for (NDArray w : weights) {
        assertThat(w.getShape()).isEqualTo(new Shape(2, 2, 24, 24));
        assertThat(w.sum(new int[] {-1}).sub(1).abs().max().getFloat()).isLessThan(1e-6f);
        assertThat(w.get(":, :, 6:12, :6").abs().max().getFloat()).isZero();
        assertThat(w.get(":, :, 11, 6:12").min().getFloat()).isPositive();
      }
      assertThat(weights.get(0).sub(weights.get(1)).abs().max().getFloat()).isGreaterThan(1e-4f);
    }
  }

  /** A block's moving average, run on an impulse, gives its response and ω at step 0. */
  @Test
  void impulseResponsesAreThoseOfTheAverages() {
    MegalodonConfig config = MegalodonContractTest.small().build();
    int dim = config.modelDim();
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      NDList responses = ((Megalodon) model).impulseResponses(manager, 9);
      assertThat(responses).hasSize(config.layers());
      ComplexEma ema = new ComplexEma(dim, config.emaModes());
      ema.initialize(manager, DataType.FLOAT32, new Shape(1, 9, dim));
      for (String name : List.of("alpha", "delta", "theta", "gamma", "omega")) {
        model.weight("stack.layers.1.ema." + name).copyTo(ema.weight(name));
      }
      NDArray impulse = manager.zeros(new Shape(1, 9, dim));
      impulse.set(new NDIndex("0, 0"), 1);
      NDArray y = ema.forward(new ParameterStore(manager, false), impulse, null, false).squeeze(0);
      y = y.sub(impulse.squeeze(0).mul(ema.weight("omega")));
      assertThat(responses.get(1).getShape()).isEqualTo(new Shape(dim, 9));
      assertThat(responses.get(1).transpose().sub(y).abs().max().getFloat()).isLessThan(1e-5f);
      assertThat(responses.get(0).sub(responses.get(1)).abs().max().getFloat()).isPositive();
    }
    MegalodonConfig without =
        MegalodonContractTest.small().optEma(MegalodonConfig.Ema.NONE).build();
    try (SequenceModel model = without.newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> ((Megalodon) model).impulseResponses(manager, 9))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no moving average");
    }
  }

  @Test
  void untrainedModelIsAlmostUniform() {
    MegalodonConfig config = MegalodonConfig.preset("tiny");
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      long[] ids = new Random(1).longs(256, 0, 256).toArray();
      double loss = model.perByteLoss(manager.create(ids, new Shape(1, 256))).mean().getFloat();
      // Logits of variance one cost half a nat more than uniform ones.
      assertThat(loss).isCloseTo(Math.log(256) + 0.5, within(0.15));
    }
  }

  /** Standard deviations of the reference's distributions, of a matrix with 128 inputs. */
  @ParameterizedTest
  @CsvSource({"HE, 0.0510310", "BERT, 0.02", "XAVIER, 0.0883883", "GAUSSIAN, 0.986578"})
  void matricesBeginAsTheReferences(
      MegalodonConfig.Initialization initialization, double deviation) {
    MegalodonConfig config =
        MegalodonConfig.preset("tiny").toBuilder().optInitialization(initialization).build();
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1)) {
      NDArray square = model.weight("stack.layers.1.attention.skip.weight"); // 128 x 128
      assertThat(Math.sqrt(square.square().mean().getFloat()))
          .isCloseTo(deviation, within(0.03 * deviation));
      NDArray embedding = model.weight("embedding.weight");
      double width = 0.986578 / Math.sqrt(128);
      assertThat(Math.sqrt(embedding.square().mean().getFloat()))
          .isCloseTo(width, within(0.03 * width));
      assertThat((double) embedding.abs().max().getFloat())
          .isLessThanOrEqualTo(3 / Math.sqrt(128) + 1e-6);
    }
  }

  @ParameterizedTest
  @EnumSource(AttentionDropout.class)
  void droppedAttentionStaysFinite(AttentionDropout kind) {
    MegalodonConfig config =
        MegalodonContractTest.small()
            .optAttentionDropout(0.9)
            .optAttentionDropoutKind(kind)
            .build();
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 3);
        NDManager manager = NDManager.newBaseManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDArray ids = ids(manager, 2, 24);
      NDArray once = model.logits(store, ids, true);
      NDArray again = model.logits(store, ids, true);
      assertThat(once.sub(again).abs().max().getFloat()).isGreaterThan(1e-4f);
      assertThat(once.isNaN().any().getBoolean()).isFalse();
      NDArray still = model.logits(ids);
      assertThat(model.logits(ids).sub(still).abs().max().getFloat()).isZero();
    }
  }

  @Test
  void twoMillionBytesStreamInConstantMemory() {
    MegalodonConfig config =
        MegalodonConfig.builder()
            .setContextLength(256)
            .setModelDim(16)
            .setLayers(1)
            .setSharedDim(8)
            .setValueDim(16)
            .setFeedForwardDim(16)
            .optEmaModes(4)
            .optNormGroups(4)
            .optChunkSize(256)
            .build();
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager();
        LanguageModelDecodingState state = ((LanguageModel) model).newDecodingState(1)) {
      Random random = new Random(1);
      int block = 8192;
      long held = 0;
      long resident = 0;
      long memory = state.memoryBytes();
      while (state.position() < 2_000_000) {
        long[] bytes = random.longs(block, 0, 256).toArray();
        try (NDArray ids = manager.create(bytes, new Shape(1, block));
            NDArray rows = state.feed(ids)) {
          assertThat(rows.getShape()).isEqualTo(new Shape(1, block, 256));
        }
        if (state.position() == 10L * block) {
          held = heldValues(model.manager());
          resident = residentKiB();
        }
      }
      assertThat(heldValues(model.manager())).isEqualTo(held);
      // norms (1 + 2·4) · 8 twice; EMA 2·16·4 · 4; attention 256 · (8 + 16) · 4
      assertThat(memory).isEqualTo(2 * 72 + 512 + 24_576);
      assertThat(state.memoryBytes()).isEqualTo(memory);
      assertThat(state.position()).isGreaterThanOrEqualTo(2_000_000);
      assertThat(state.next().isNaN().any().getBoolean()).isFalse();
      if (resident > 0) {
        assertThat(residentKiB() - resident).isLessThan(64 * 1024);
      }
    }
  }

  private static long heldValues(NDManager manager) {
    long own = manager.getManagedArrays().stream().mapToLong(a -> a.getShape().size()).sum();
    return own + manager.getManagedArrays().size();
  }

  /** The process's resident memory, 0 where the system does not say. */
  private static long residentKiB() {
    try {
      return java.nio.file.Files.readAllLines(java.nio.file.Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
          .findFirst()
          .orElse(0);
    } catch (java.io.IOException e) {
      return 0;
    }
  }

  @Test
  void contradictionsAreNamed() {
    assertThatThrownBy(
            () ->
                MegalodonContractTest.small()
                    .optNorm(MegalodonConfig.Norm.GROUP)
                    .build()
                    .newModel())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("sees the future");
    assertThatThrownBy(() -> MegalodonContractTest.small().optHeads(3).build())
        .hasMessageContaining("heads = 3")
        .hasMessageContaining("sharedDim = 8");
    assertThatThrownBy(() -> MegalodonContractTest.small().optHeads(8).build())
        .hasMessageContaining("valueDim = 12");
    assertThatThrownBy(() -> MegalodonContractTest.small().optNormGroups(3).build())
        .hasMessageContaining("normGroups = 3");
    assertThatThrownBy(() -> MegalodonContractTest.small().optNormGroups(8).build())
        .hasMessageContaining("no variance");
    assertThatThrownBy(() -> MegalodonContractTest.small().optChunkSize(7).build())
        .hasMessageContaining("chunkSize = 7")
        .hasMessageContaining("contextLength = 21");
    assertThatThrownBy(() -> MegalodonConfig.preset("9b")).hasMessageContaining("1.3b-pg19");
    assertThatThrownBy(() -> MegalodonConfig.builder().build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("contextLength");
  }
}
