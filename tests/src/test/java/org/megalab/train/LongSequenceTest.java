package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.data.Corpus;
import org.megalab.data.file.Document;
import org.megalab.model.LanguageModel;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;
import org.megalab.model.TransformerSize;
import org.megalab.torchscript.Precision;

/** What saves memory changes nothing else; documents longer than the context stream on. */
class LongSequenceTest extends TrainingFixture {

  private Run run(SequenceModel model, TrainingConfig config, Corpus corpus, String name) {
    return Training.builder()
        .setModel(model)
        .setData(corpus)
        .setConfig(config)
        .setDirectory(folder.resolve(name))
        .optListener(TrainingListener.NONE)
        .build()
        .run();
  }

  private static SequenceModel deep() {
    return SMALL.toBuilder()
        .setGlobal(TransformerSize.of(32, 3, 2))
        .setLocal(TransformerSize.of(16, 2, 2))
        .optDropout(0.2)
        .build()
        .newModel()
        .initialize(Device.cpu(), 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void recomputedActivationsGiveTheSameRunBitForBit(int layers) throws Exception {
    try (SequenceModel kept = deep();
        SequenceModel again = deep()) {
      run(kept, config(7), corpus(), "kept");
      run(again, config(7).toBuilder().optRecomputeLayers(layers).build(), corpus(), "again");
      assertThat(metrics(folder.resolve("again"))).isEqualTo(metrics(folder.resolve("kept")));
      kept.namedParameters()
          .forEach(
              (name, p) ->
                  assertThat(again.weight(name).contentEquals(p.getArray())).as(name).isTrue());
    }
  }

  @Test
  void slicedLossesGiveTheSameRunToRounding() {
    try (SequenceModel whole = deep();
        SequenceModel sliced = deep()) {
      Run one = run(whole, config(7), corpus(), "whole");
      Run two = run(sliced, config(7).toBuilder().optLossSlice(5).build(), corpus(), "sliced");
      for (int i = 0; i < 7; i++) {
        assertThat(two.metrics().doubleColumn("trainLoss").get(i))
            .isCloseTo(one.metrics().doubleColumn("trainLoss").get(i), within(1e-5));
      }
    }
  }

  @Test
  void brainFloatsLearnAsFloatsDoAndResumeBitForBit() throws Exception {
    TrainingConfig config =
        config(60).toBuilder()
            .optPrecision(Precision.BFLOAT16)
            .optRecomputeLayers(1)
            .optLossSlice(16)
            .build();
    try (SequenceModel floats = deep();
        SequenceModel rounded = deep();
        SequenceModel stopped = deep()) {
      Run one = run(floats, config(60), corpus(), "floats");
      Run two = run(rounded, config, corpus(), "rounded");
      double mean = 0;
      for (int i = 0; i < 60; i++) {
        mean +=
            two.metrics().doubleColumn("trainLoss").get(i)
                - one.metrics().doubleColumn("trainLoss").get(i);
      }
      assertThat(mean / 60).isCloseTo(0, within(0.02));
      assertThat(last(two)).isLessThan(4.2).isCloseTo(last(one), within(0.1));
      Training.builder()
          .setModel(stopped)
          .setData(corpus())
          .setConfig(config)
          .setDirectory(folder.resolve("stopped"))
          .optListener(p -> interruptAt(p, 20))
          .build()
          .run();
      assertThat(Thread.interrupted()).isTrue();
      Training resumed = Training.resume(folder.resolve("stopped"), corpus());
      resumed.run();
      resumed.model().close();
      assertThat(metrics(folder.resolve("stopped"))).isEqualTo(metrics(folder.resolve("rounded")));
    }
  }

  @Test
  void tensorFloatsNeedAGpu() {
    try (SequenceModel model = model()) {
      TrainingConfig config = config(5).toBuilder().optPrecision(Precision.TF32).build();
      assertThatThrownBy(() -> run(model, config, corpus(), "tf32"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("TF32 is a mode of NVIDIA GPUs");
      assertThat(folder.resolve("tf32")).doesNotExist();
    }
  }

  /** Documents of unequal length: a letter at the beginning is repeated to the end. */
  private static Corpus letters(int validationLength) {
    Random random = new Random(8);
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      documents.add(letter(random, 100 + random.nextInt(300)));
    }
    return Corpus.of(
        "letters",
        documents,
        List.of(letter(random, validationLength), letter(random, validationLength / 2)),
        List.of());
  }

  private static Document letter(Random random, int length) {
    StringBuilder text = new StringBuilder();
    char letter = (char) ('a' + random.nextInt(26));
    while (text.length() < length) {
      text.append("....").append(letter);
    }
    return Document.of("letter", text.substring(0, length).getBytes(StandardCharsets.UTF_8));
  }

  private static ModelConfig streaming(String architecture) {
    String sizes =
        switch (architecture) {
          case "megalodon" -> "\"contextLength\": 32, \"chunkSize\": 16, \"layers\": 2";
          case "transformer-xl" -> "\"contextLength\": 32, \"layers\": 2";
          default -> "\"contextLength\": 32";
        };
    return ModelConfig.fromJson(
        "{\"architecture\": \"%s\", \"preset\": \"tiny\", %s}".formatted(architecture, sizes));
  }

  private static TrainingConfig carrying(int steps) {
    return config(steps).toBuilder()
        .optBatchSize(5)
        .optMicroBatchSize(2)
        .optWindowLength(32)
        .optCarryState(true)
        .optRecomputeLayers(1)
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"megalodon", "transformer-xl", "s4d"})
  void carriedRunsResumeBitForBit(String architecture) throws Exception {
    ModelConfig config = streaming(architecture);
    Corpus corpus = letters(200);
    try (SequenceModel whole = config.newModel().initialize(Device.cpu(), 1);
        SequenceModel stopped = config.newModel().initialize(Device.cpu(), 1)) {
      run(whole, carrying(11), corpus, "whole");
      Training.builder()
          .setModel(stopped)
          .setData(corpus)
          .setConfig(carrying(11))
          .setDirectory(folder.resolve("stopped"))
          .optListener(p -> interruptAt(p, 6))
          .build()
          .run();
      assertThat(Thread.interrupted()).isTrue();
      Training resumed = Training.resume(folder.resolve("stopped"), corpus);
      resumed.run();
      try (TrainableModel model = resumed.model()) {
        assertThat(metrics(folder.resolve("stopped")))
            .isEqualTo(metrics(folder.resolve("whole")))
            .hasSize(11);
        assertThat(model.parameterCount()).isEqualTo(whole.parameterCount());
      }
    }
  }

  @Test
  void aCarriedStateIsWorthKnowing() {
    // Windows of 4 and letters 5 apart: without the past a model cannot know which comes next.
    ModelConfig config =
        ModelConfig.fromJson(
            "{\"architecture\": \"megalodon\", \"preset\": \"tiny\", \"contextLength\": 4,"
                + " \"chunkSize\": 4, \"modelDim\": 64, \"layers\": 2}");
    TrainingConfig alone =
        config(250).toBuilder().optBatchSize(16).optEvaluateEvery(0).optWarmupSteps(20).build();
    try (SequenceModel carrying = config.newModel().initialize(Device.cpu(), 1);
        SequenceModel afresh = config.newModel().initialize(Device.cpu(), 1)) {
      Run with = run(carrying, alone.toBuilder().optCarryState(true).build(), letters(400), "with");
      Run without = run(afresh, alone, letters(400), "without");
      assertThat(last(with)).isLessThan(0.7 * last(without));
      // The run's evaluation is that of one stream through each document.
      double nats = 0;
      int bytes = 0;
      for (Document document : letters(400).validation().documents()) {
        byte[] text = document.read(0, (int) document.length());
        try (NDManager step = carrying.manager().newSubManager();
            var state = ((LanguageModel) carrying).newDecodingState(1)) {
          NDArray ids = SequenceModel.ids(step, text);
          NDArray logits = state.feed(ids); // (1, T, V), row t predicts id t
          NDArray costs = logits.logSoftmax(-1).reshape(text.length, -1);
          float[] all = costs.toFloatArray();
          for (int t = 0; t < text.length; t++) {
            nats -= all[t * 256 + (text[t] & 0xFF)];
          }
          bytes += text.length;
        }
      }
      assertThat(last(with)).isCloseTo(nats / bytes / Math.log(2), within(1e-3));
    }
  }

  @Test
  void whatCannotCarryIsRefused() {
    try (SequenceModel model = model()) {
      TrainingConfig config = config(5).toBuilder().optCarryState(true).build();
      assertThatThrownBy(() -> run(model, config, corpus(), "refused"))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("megalodon or transformer-xl")
          .hasMessageContaining("megabyte");
      assertThat(folder.resolve("refused")).doesNotExist();
    }
  }
}
