package org.megalab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.megalab.data.Split;
import org.megalab.model.LanguageModel;
import org.megalab.model.ModelConfig;
import org.megalab.model.PerceiverArConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Precision;
import tech.tablesaw.api.Table;

class TrainingThroughputTest {

  private static List<float[]> values(SequenceModel model) {
    return model.namedParameters().values().stream()
        .map(Parameter::getArray)
        .map(NDArray::toFloatArray)
        .toList();
  }

  /** Every architecture that ships can be measured, and is the same afterwards. */
  @Test
  void theModelStaysAsItIs() {
    List<ModelConfig> all = Samples.architectures().toList();
    assertThat(all).hasSizeGreaterThanOrEqualTo(10);
    for (ModelConfig config : all) {
      try (SequenceModel model = Samples.model(config)) {
        List<float[]> before = values(model);
        TrainingThroughput speed =
            TrainingThroughput.builder()
                .setModel(model)
                .setBatchSize(3)
                .optLength(16)
                .optWarmUp(1)
                .optSteps(2)
                .optPeak(new Peak("this", "fp32", 1e12))
                .build()
                .run();
        List<float[]> after = values(model);
        for (int i = 0; i < before.size(); i++) {
          assertThat(Arrays.equals(after.get(i), before.get(i))).isTrue();
        }
        assertThat(speed.seconds().seconds()).hasSize(2).allMatch(s -> s > 0);
        assertThat(speed.predicted()).isEqualTo(48);
        assertThat(speed.flopsPerByte()).isEqualTo(3 * config.flopsPerByte(16));
        assertThat(speed.bytesPerSecond()).isCloseTo(48 / speed.medianSeconds(), within(1e-6));
        assertThat(speed.utilisation())
            .isCloseTo(speed.flopsPerSecond() / 1e12, within(1e-15))
            .isBetween(0.0, 1.0);
        assertThat(speed.peakMebibytes()).isGreaterThan(50); // a whole JVM, on Linux
      }
    }
  }

  /** A Perceiver AR may have a loss on its last latents alone. */
  @Test
  void bytesWithoutALossDoNotCount() {
    PerceiverArConfig config =
        PerceiverArConfig.preset("tiny").toBuilder().optLastWindowLoss(true).build();
    try (SequenceModel model = Samples.model(config)) {
      assertThat(model).isInstanceOf(LanguageModel.class);
      TrainingThroughput speed =
          TrainingThroughput.builder()
              .setModel(model)
              .setBatchSize(2)
              .optWarmUp(0)
              .optSteps(1)
              .build()
              .run();
      assertThat(speed.length()).isEqualTo(256);
      assertThat(speed.predicted()).isEqualTo(2 * 64);
      assertThat(speed.utilisation()).isNaN();
    }
  }

  @Test
  void tableOfSeveral() {
    TrainingThroughput odd =
        new TrainingThroughput(
            "a",
            2,
            50,
            100,
            new Measurement(List.of(4.0, 1.0, 2.0)),
            new TrainingThroughput.Parts(0.1, 0.3, 1.5),
            1e6,
            Peak.of("a100", "BF16"),
            700);
    TrainingThroughput even =
        new TrainingThroughput(
            "b",
            2,
            50,
            100,
            new Measurement(List.of(4.0, 1.0)),
            TrainingThroughput.Parts.NONE,
            1e6,
            null,
            Double.NaN);
    assertThat(odd.medianSeconds()).isEqualTo(2);
    assertThat(even.medianSeconds()).isEqualTo(2.5);
    assertThat(odd.bytesPerSecond()).isEqualTo(50);
    assertThat(odd.utilisation()).isEqualTo(50e6 / 312e12);
    Map<String, TrainingThroughput> both = new LinkedHashMap<>();
    both.put("one", odd);
    both.put("two", even);
    Table table = TrainingThroughput.table(both);
    assertThat(table.stringColumn("model").asList()).containsExactly("one", "two");
    assertThat(table.doubleColumn("ms per step").asList()).containsExactly(2000.0, 2500.0);
    assertThat(table.doubleColumn("GFLOPs/s").get(0)).isEqualTo(0.05);
    assertThat(table.doubleColumn("min ms").asList()).containsExactly(1000.0, 1000.0);
    assertThat(table.doubleColumn("max ms").asList()).containsExactly(4000.0, 4000.0);
    assertThat(table.doubleColumn("host ms").get(0)).isEqualTo(300);
    assertThat(table.doubleColumn("busy").get(0)).isEqualTo(0.75); // 1.5 of 2 seconds
    assertThat(table.doubleColumn("busy").isMissing(1)).isTrue();
    assertThat(table.doubleColumn("utilisation").isMissing(1)).isTrue();
    assertThat(table.doubleColumn("peak MiB").isMissing(1)).isTrue();
    assertThat(odd.table().stringColumn("model").asList()).containsExactly("a");
  }

  @Test
  void itIsWatchedAndStopped() {
    try (SequenceModel model = Samples.model(Samples.llama())) {
      List<Long> told = new ArrayList<>();
      TrainingThroughput speed =
          TrainingThroughput.builder()
              .setModel(model)
              .setBatchSize(1)
              .optListener(
                  (bytes, all) -> {
                    assertThat(all).isEqualTo(12 * 32);
                    told.add(bytes);
                    return told.size() < 5;
                  })
              .build()
              .run();
      assertThat(told).containsExactly(0L, 32L, 64L, 96L, 128L);
      assertThat(speed.seconds().seconds()).hasSize(2);
      TrainingThroughput none =
          TrainingThroughput.builder()
              .setModel(model)
              .setBatchSize(1)
              .optListener((bytes, all) -> false)
              .build()
              .run();
      assertThat(none.table().doubleColumn("bytes/s").isMissing(0)).isTrue();
      assertThatThrownBy(() -> TrainingThroughput.builder().setModel(model).build())
          .hasMessageContaining("got a model, 0");
      assertThatThrownBy(() -> TrainingThroughput.builder().setBatchSize(1).build())
          .hasMessageContaining("no model");
    }
  }

  /** Precision, recomputation, slices and data change the work, and nothing of the model. */
  @Test
  void stepsAreThoseOfTraining() {
    Split split = new Split("train", List.of(Samples.text("long", 400)));
    try (SequenceModel model = Samples.model(Samples.llama())) {
      List<float[]> before = values(model);
      TrainingThroughput speed =
          TrainingThroughput.builder()
              .setModel(model)
              .setBatchSize(2)
              .optWarmUp(0)
              .optSteps(2)
              .optData(split)
              .optPrecision(Precision.BFLOAT16)
              .optRecomputeLayers(1)
              .optLossSlice(8)
              .build()
              .run();
      assertThat(speed.predicted()).isEqualTo(2 * 32);
      assertThat(speed.parts().loading()).isPositive();
      assertThat(speed.parts().issuing()).isPositive();
      assertThat(speed.parts().loading() + speed.parts().issuing())
          .isLessThanOrEqualTo(2 * speed.seconds().max());
      assertThat(speed.parts().device()).isNaN(); // a CPU
      List<float[]> after = values(model);
      for (int i = 0; i < before.size(); i++) {
        assertThat(after.get(i)).containsExactly(before.get(i));
      }
      assertThatThrownBy(
              () ->
                  TrainingThroughput.builder()
                      .setModel(model)
                      .setBatchSize(2)
                      .optLength(500)
                      .optData(split)
                      .build())
          .hasMessageContaining("at most 400 bytes");
    }
  }

  @Test
  void peaksAreKnownOrMeasured() {
    assertThat(Peak.of("H200", "bf16").flopsPerSecond()).isEqualTo(989.5e12);
    assertThat(Peak.of("rtx 4090", "tf32").flopsPerSecond()).isEqualTo(82.6e12);
    assertThat(Peak.table().rowCount()).isEqualTo(Peak.known().size());
    assertThatThrownBy(() -> Peak.of("V100", "bf16"))
        .hasMessageContaining("V100 in bf16")
        .hasMessageContaining("V100 fp16");
    assertThatThrownBy(() -> new Peak("x", "fp32", 0)).hasMessageContaining("positive");
    assertThatThrownBy(() -> Peak.measured(Device.cpu(), "int8")).hasMessageContaining("int8");
    Peak small = Peak.measured(Device.cpu(), "fp32", 256);
    assertThat(small.flopsPerSecond()).isBetween(1e8, 1e14);
    assertThat(small.device()).isEqualTo("measured cpu()");
    assertThat(Peak.measured(Device.cpu(), "bf16", 64).flopsPerSecond()).isBetween(1e6, 1e14);
  }
}
