package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.megalab.Gpu;
import org.megalab.data.Corpus;
import org.megalab.data.file.Document;
import org.megalab.model.MegaConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.DeviceMemoryException;

/** A step that does not fit ends the run, and nothing else. */
class OutOfMemoryTest extends TrainingFixture {

  private static final int LONG = 1 << 20;

  /** One chunk, whose mask alone takes a byte for each pair of its positions: 1 TiB. */
  private static SequenceModel wide() {
    return MegaConfig.preset("tiny").toBuilder()
        .setContextLength(LONG)
        .optChunkSize(LONG)
        .setModelDim(8)
        .setLayers(1)
        .setSharedDim(4)
        .setValueDim(8)
        .setFeedForwardDim(8)
        .optEmaModes(1)
        .build()
        .newModel()
        .initialize(Device.cpu(), 1);
  }

  private static Corpus noise() {
    byte[] bytes = new byte[LONG + 1];
    new Random(1).nextBytes(bytes);
    return Corpus.of("noise", List.of(Document.of("noise", bytes)), List.of(), List.of());
  }

  private Training training(SequenceModel model, int length, String name) {
    return Training.builder()
        .setModel(model)
        .setData(noise())
        .setConfig(
            TrainingConfig.builder()
                .setSteps(3)
                .optBatchSize(1)
                .optWarmupSteps(0)
                .optWindowLength(length)
                .build())
        .setDirectory(folder.resolve(name))
        .optListener(TrainingListener.NONE)
        .build();
  }

  @Test
  void theRunEndsAndTheModelGoesOn() throws Exception {
    try (SequenceModel model = wide()) {
      Map<String, float[]> before = parameters(model);
      int arrays = Gpu.arrays();
      Training tooLong = training(model, LONG, "long");
      DeviceMemoryException e = catchThrowableOfType(DeviceMemoryException.class, tooLong::run);
      assertThat(e)
          .hasMessageContaining("training mega (")
          .hasMessageContaining("on 1 windows of 1,048,576 bytes: the main memory is full")
          .hasMessageContaining("recomputeLayers = 1")
          .hasMessageContaining("precision = bfloat16")
          .hasMessageEndingWith(
              "The parameters are those of step 0, the checkpoint of step 0 stands");
      assertThat(e.requestedBytes()).isGreaterThanOrEqualTo(1L << 40);
      assertThat(Gpu.arrays()).isEqualTo(arrays);
      assertThat(parameters(model)).usingRecursiveComparison().isEqualTo(before);
      assertThat(Run.open(folder.resolve("long")).checkpoints()).containsExactly(0L);

      training(model, 64, "short").run();
    }
    try (SequenceModel fresh = wide()) {
      training(fresh, 64, "fresh").run();
    }
    assertThat(metrics(folder.resolve("short")))
        .hasSize(3)
        .isEqualTo(metrics(folder.resolve("fresh")));
  }
}
