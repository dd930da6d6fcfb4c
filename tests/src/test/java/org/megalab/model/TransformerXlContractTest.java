package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.json.ConfigException;
import org.megalab.layer.LayerState;
import org.megalab.torchscript.Autograd;

/** What Transformer-XL promises. */
class TransformerXlContractTest extends ModelContract {

  static TransformerXlConfig.Builder builder() {
    return TransformerXlConfig.builder()
        .optVocabularySize(11)
        .setContextLength(LENGTH)
        .setModelDim(16)
        .setLayers(2)
        .setHeads(4)
        .optFeedForwardDim(20)
        .setSegmentLength(7)
        .setMemoryLength(5)
        .optInitStd(0.2)
        .optDropout(0);
  }

  static Stream<ModelConfig> configs() {
    return Stream.of(
        builder().build(),
        builder().setSegmentLength(LENGTH).setMemoryLength(0).build(),
        builder().setSegmentLength(1).setMemoryLength(9).optPreNorm(true).optHeadDim(6).build(),
        builder().setSegmentLength(4).setMemoryLength(LENGTH).optClampLength(6).build(),
        builder().optSameLength(true).setMemoryLength(6).optTiedOutput(false).optStartId(2).build(),
        builder().setSegmentLength(5).setMemoryLength(0).optPreNorm(true).build());
  }

  /** Every layer adds one memory, before the border of the segment in which it ends. */
  @Override
  boolean seesTheWholePast(ModelConfig config) {
    TransformerXlConfig xl = (TransformerXlConfig) config;
    return xl.segmentLength() >= LENGTH || (xl.memoryLength() >= LENGTH && !xl.sameLength());
  }

  /** Where gradients are stopped they are not those of differences: here in one segment. */
  @Override
  @ParameterizedTest
  @MethodSource("configs")
  void gradientsAgreeWithFiniteDifferences(ModelConfig config) {
    super.gradientsAgreeWithFiniteDifferences(
        ((TransformerXlConfig) config).toBuilder().setSegmentLength(LENGTH).build());
  }

  @Test
  void aLongMemoryMakesSegmentsInvisible() {
    try (SequenceModel whole = model(builder().setSegmentLength(LENGTH).build());
        SequenceModel cut = model(builder().setMemoryLength(LENGTH).setSegmentLength(5).build());
        SequenceModel longer = model(builder().setMemoryLength(5).setSegmentLength(5).build());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 2, LENGTH);
      NDArray rows = whole.logits(ids);
      assertThat(cut.logits(ids).sub(rows).abs().max().getFloat()).isLessThan(1e-5f);
      assertThat(longer.logits(ids).sub(rows).abs().max().getFloat()).isGreaterThan(1e-3f);
    }
  }

  /** Without depth the reach is exact: step t of the segment that begins at S sees S − M … t. */
  @Test
  void oneLayerSeesItsSegmentAndTheMemory() {
    int memory = 5;
    for (boolean same : new boolean[] {false, true}) {
      TransformerXlConfig config = builder().setLayers(1).optSameLength(same).build();
      try (SequenceModel model = model(config);
          NDManager manager = NDManager.newBaseManager()) {
        NDArray ids = ids(manager, 1, LENGTH);
        NDArray rows = model.logits(ids);
        for (int t = 0; t < LENGTH - 1; t++) {
          float[] moved = moved(model, ids, rows, t); // id t is read at step t + 1
          for (int row = 0; row < LENGTH; row++) {
            int oldest = same ? row - memory + 1 : row - row % 7 - memory;
            if (t + 1 <= row && t + 1 >= oldest) {
              assertThat(moved[row]).as("row %d, id %d", row, t).isGreaterThan(1e-6f);
            } else {
              assertThat(moved[row]).as("row %d, id %d", row, t).isEqualTo(0);
            }
          }
        }
      }
    }
  }

  @Test
  void noGradientFlowsIntoTheMemory() {
    try (NDManager manager = NDManager.newBaseManager()) {
      TransformerXlConfig config = builder().setLayers(1).build(); // segments of 7
      SequenceModel model = config.newModel();
      model.initialize(manager, DataType.FLOAT32, new Shape(1, LENGTH));
      NDArray ids = manager.create(new long[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, new Shape(1, 10));
      NDArray table = model.weight("embedding.weight");
      table.setRequiresGradient(true);
      try (Autograd autograd = new Autograd()) {
        // Rows 7 … 9 read ids 6 … 8 in their segment, and before it the start symbol and 0 … 5.
        NDArray rows = model.logits(new ParameterStore(manager, false), ids, true).get(":, 7:");
        autograd.backward(rows.get(":, :, 0").sum()); // the tied head: row 0, no read id
      }
      float[] byRow = table.getGradient().abs().sum(new int[] {1}).toFloatArray();
      for (int id = 1; id <= 10; id++) {
        boolean inSegment = id >= 7 && id <= 9; // ids 6 … 8 of the sequence
        if (inSegment) {
          assertThat(byRow[id]).as("id %d", id).isGreaterThan(1e-4f);
        } else {
          assertThat(byRow[id]).as("id %d", id).isEqualTo(0);
        }
      }
      assertThat(byRow[11]).isEqualTo(0); // the start symbol
    }
  }

  @Test
  void theStateIsBounded() {
    TransformerXlConfig config = builder().build();
    try (TransformerXl model = (TransformerXl) model(config);
        NDManager manager = NDManager.newBaseManager()) {
      LayerState state = model.newState(manager, DataType.FLOAT32, 1, Integer.MAX_VALUE);
      ParameterStore store = new ParameterStore(manager, false);
      for (int t = 0; t < 40; t++) {
        model.nextLogits(store, manager.create(new long[] {t % 11}, new Shape(1, 1)), state, false);
        assertThat(state.all().map(NDArray::getShape).distinct())
            .containsExactly(new Shape(1, 11, 16), new Shape(1));
      }
    }
  }

  @Test
  void presetsHaveThePublishedSizes() {
    assertThat(TransformerXlConfig.preset("enwik8-base").parameterCount() / 1e6)
        .isCloseTo(41, org.assertj.core.api.Assertions.within(0.5));
    assertThat(TransformerXlConfig.preset("wikitext103-base").parameterCount() / 1e6)
        .isCloseTo(151, org.assertj.core.api.Assertions.within(1.0));
    assertThat(TransformerXlConfig.preset("wikitext103-large").headDim()).isEqualTo(64);
  }

  @Test
  void aFreshTinyModelIsUncertain() {
    try (SequenceModel model =
            TransformerXlConfig.preset("tiny").toBuilder()
                .optInitStd(0.02)
                .build()
                .newModel()
                .initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      long[] bytes = new Random(1).longs(400, 0, 256).toArray();
      NDArray ids = manager.create(bytes, new Shape(1, 400));
      assertThat(model.perByteLoss(ids).mean().getFloat())
          .isCloseTo((float) Math.log(256), org.assertj.core.api.Assertions.within(0.15f));
    }
  }

  @Test
  void contradictionsAreNamed() {
    assertThatThrownBy(() -> builder().setModelDim(15).setHeads(3).build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("modelDim = 15 must be even");
    assertThatThrownBy(() -> builder().setMemoryLength(0).optSameLength(true).build())
        .hasMessageContaining("sameLength")
        .hasMessageContaining("memoryLength = 0");
    assertThatThrownBy(() -> builder().setSegmentLength(0).build())
        .hasMessageContaining("segmentLength must be positive, got 0");
    assertThatThrownBy(() -> builder().setMemoryLength(-1).build())
        .hasMessageContaining("memoryLength must not be negative, got -1");
    assertThatThrownBy(() -> builder().setHeads(0).build()).hasMessageContaining("heads");
    assertThatThrownBy(() -> TransformerXlConfig.preset("huge")).hasMessageContaining("enwik8");
  }
}
