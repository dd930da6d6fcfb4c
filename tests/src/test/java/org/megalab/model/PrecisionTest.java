package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.model.MegabyteConfig.Position;

/** Over long sequences, float32 stays at rounding from the same model in float64. */
class PrecisionTest {
  private static final int LENGTH = 3000;

  static Stream<ModelConfig> configs() {
    MegalodonConfig.Builder megalodon =
        MegalodonConfig.builder()
            .setContextLength(LENGTH)
            .setModelDim(32)
            .setLayers(2)
            .setSharedDim(16)
            .setValueDim(32)
            .setFeedForwardDim(48)
            .optNormGroups(4)
            .optChunkSize(250)
            .optEmaModes(4);
    return Stream.of(
        megalodon.build(),
        megalodon.optEma(MegalodonConfig.Ema.DAMPED).build(),
        MegaConfig.preset("tiny").toBuilder()
            .setContextLength(LENGTH)
            .setModelDim(32)
            .setLayers(2)
            .optChunkSize(128)
            .build(),
        S4dConfig.preset("tiny").toBuilder()
            .setContextLength(LENGTH)
            .setModelDim(32)
            .setLayers(2)
            .build(),
        LlamaConfig.preset("tiny").toBuilder().setContextLength(LENGTH).setModelDim(32).build(),
        ByteTransformerConfig.preset("tiny").toBuilder()
            .setContextLength(LENGTH)
            .setModelDim(32)
            .optPosition(Position.ROTARY)
            .build(),
        TransformerXlConfig.preset("tiny").toBuilder().setModelDim(32).optHeadDim(8).build(),
        PerceiverArConfig.preset("tiny").toBuilder().setModelDim(64).build(),
        MegabyteConfig.preset("tiny").toBuilder().setContextLength(LENGTH).build());
  }

  @ParameterizedTest
  @MethodSource("configs")
  void longSequencesStayAtRounding(ModelConfig config) {
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 3);
        NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      long[] symbols = new Random(5).longs(LENGTH, 0, 256).toArray();
      NDArray ids = manager.create(symbols, new Shape(1, LENGTH));
      NDArray exact = twin(model, manager).logits(ids);
      double spread = exact.sub(exact.mean(new int[] {2}, true)).square().mean().getDouble();
      for (NDArray rows : new NDArray[] {model.logits(ids), streamed(model, ids)}) {
        double worst = rows.toType(DataType.FLOAT64, true).sub(exact).abs().max().getDouble();
        assertThat(worst / Math.sqrt(spread)).isLessThan(5e-5);
      }
    }
  }

  /** The same model in float64. */
  private static SequenceModel twin(SequenceModel model, NDManager manager) {
    SequenceModel twin = model.config().newModel();
    twin.initialize(manager, DataType.FLOAT64, new Shape(1, LENGTH));
    model
        .namedParameters()
        .forEach(
            (name, p) -> p.getArray().toType(DataType.FLOAT64, true).copyTo(twin.weight(name)));
    return twin;
  }

  /** Single steps, then parts of any length. */
  private static NDArray streamed(SequenceModel model, NDArray ids) {
    Random random = new Random(1);
    NDList parts = new NDList();
    try (DecodingState state = model.newDecodingState(1)) {
      while (state.position() < LENGTH) {
        long from = state.position();
        long to = from < 200 ? from + 1 : Math.min(LENGTH, from + 1 + random.nextInt(1200));
        parts.add(state.feed(ids.get(":, {}:{}", from, to)));
      }
    }
    return NDArrays.concat(parts, 1);
  }
}
