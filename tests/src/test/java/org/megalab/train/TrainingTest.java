package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.megalab.data.Corpus;
import org.megalab.data.file.Document;
import org.megalab.json.ConfigException;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.MultiStageMegabyteConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;
import org.megalab.torchscript.Autograd;

class TrainingTest extends TrainingFixture {
  @Test
  void theCommunityModelTrainsInTheSameLoop() {
    MultiStageMegabyteConfig config =
        MultiStageMegabyteConfig.preset("tiny").toBuilder()
            .setStageLengths(List.of(8, 4))
            .setDims(List.of(32, 16))
            .setDepths(List.of(1, 1))
            .build();
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1)) {
      Run run = training(model, config(60), "community", TrainingListener.NONE).run();
      assertThat(last(run)).isLessThan(4);
    }
  }

  @Test
  void severalModelsTrainAtTheSameTime() throws Exception {
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 3; i++) {
      String name = "parallel-" + i;
      SequenceModel model = model();
      Training training = training(model, config(8), name, TrainingListener.NONE);
      Thread thread =
          new Thread(
              () -> {
                training.run();
                model.close();
              });
      thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    assertThat(metrics(folder.resolve("parallel-2"))).hasSize(8);
  }

  @Test
  void gradientsOfAnEarlierBackwardDoNotCount() throws Exception {
    try (SequenceModel clean = model();
        SequenceModel dirty = model();
        NDManager manager = NDManager.newBaseManager()) {
      try (Autograd autograd = new Autograd()) {
        autograd.backward(
            dirty
                .perByteLoss(
                    new ParameterStore(manager, false),
                    SequenceModel.ids(manager, new byte[32]),
                    true)
                .sum());
      }
      training(clean, config(3), "clean", TrainingListener.NONE).run();
      training(dirty, config(3), "dirty", TrainingListener.NONE).run();
      assertThat(metrics(folder.resolve("dirty"))).isEqualTo(metrics(folder.resolve("clean")));
    }
  }

  @Test
  void oneBatchCanBeOverfitted() {
    TransformerSize size = TransformerSize.of(64, 2, 4);
    MegabyteConfig config =
        SMALL.toBuilder()
            .setGlobal(size)
            .setLocal(TransformerSize.of(32, 2, 2))
            .optDropout(0)
            .build();
    byte[] bytes = new byte[32 * 8];
    new Random(9).nextBytes(bytes);
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      documents.add(Document.of("d" + i, java.util.Arrays.copyOfRange(bytes, 32 * i, 32 * i + 32)));
    }
    Corpus eight = Corpus.of("eight", documents, documents, List.of());
    TrainingConfig training =
        TrainingConfig.builder()
            .setSteps(700)
            .optBatchSize(16)
            .optLearningRate(4e-3)
            .optWarmupSteps(50)
            .optWeightDecay(0)
            .optFinalLearningRate(0.01)
            .build();
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1)) {
      Run run =
          Training.builder()
              .setModel(model)
              .setData(eight)
              .setConfig(training)
              .setDirectory(folder.resolve("overfit"))
              .optListener(TrainingListener.NONE)
              .build()
              .run();
      // Which of the eight it is costs 3 bits; everything after that is known by heart.
      assertThat(last(run)).isBetween(3.0 / 32, 3.0 / 32 + 0.005);
    }
  }

  @Test
  void nativeMemoryStaysFlatOverAThousandSteps() throws Exception {
    List<Long> resident = new ArrayList<>();
    List<Integer> arrays = new ArrayList<>();
    try (SequenceModel model = model()) {
      TrainingListener watch =
          progress -> {
            if (progress.step() % 200 == 0) {
              arrays.add(model.manager().getManagedArrays().size());
              resident.add(residentBytes());
            }
          };
      TrainingConfig config =
          config(1000).toBuilder().optEvaluateEvery(100).optCheckpointEvery(0).build();
      training(model, config, "flat", watch).run();
    }
    assertThat(arrays).hasSize(5).allMatch(count -> count.equals(arrays.get(0)));
    // The first 200 steps warm up; the 800 after them may cost no more than noise.
    assertThat(resident.get(4) - resident.get(0)).isLessThan(64L << 20);
  }

  private static long residentBytes() {
    System.gc();
    try {
      String statm = Files.readString(Path.of("/proc/self/statm"));
      return Long.parseLong(
              new java.util.StringTokenizer(statm.substring(statm.indexOf(32))).nextToken())
          * 4096;
    } catch (IOException e) {
      return 0; // not Linux: the count of arrays alone is checked
    }
  }

  @Test
  void directoryTellsTheRun() {
    try (SequenceModel model = model()) {
      Run run = training(model, config(6), "told", TrainingListener.NONE).run();
      Run read = Run.open(folder.resolve("told"));
      assertThat(read).isEqualTo(run);
      assertThat(read.model()).isEqualTo(SMALL);
      assertThat(read.training()).isEqualTo(config(6));
      assertThat(read.metrics().columnNames())
          .containsExactly(
              "step",
              "bytes",
              "seconds",
              "learningRate",
              "trainLoss",
              "trainBpb",
              "gradientNorm",
              "validationBpb");
      assertThat(read.metrics().rowCount()).isEqualTo(6);
      assertThat(read.metrics().doubleColumn("validationBpb").countMissing()).isEqualTo(4);
      assertThat(read.summary().stringColumn("value").asList()).contains("whales", "6 of 6");
      assertThat(folder.resolve("told/environment.json")).content().contains("PyTorch");
      try (SequenceModel loaded = read.load(Device.cpu())) {
        model
            .namedParameters()
            .forEach(
                (name, p) ->
                    assertThat(loaded.weight(name).contentEquals(p.getArray())).as(name).isTrue());
      }
    }
  }

  @Test
  void aLossThatIsNotFiniteStopsBeforeItHarms() {
    try (SequenceModel model = model()) {
      Training training = training(model, config(5), "broken", TrainingListener.NONE);
      model.weight("localPad.weight").muli(Float.NaN);
      float[] before = model.weight("globalToLocal.weight").toFloatArray();
      assertThatThrownBy(training::run)
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("at step 1 the loss is NaN");
      assertThat(Run.open(folder.resolve("broken")).checkpoints()).containsExactly(0L);
      assertThat(model.weight("globalToLocal.weight").toFloatArray()).containsExactly(before);
    }
  }

  @Test
  void configurationsAreStrict() {
    assertThat(TrainingConfig.fromJson(config(7).toJson())).isEqualTo(config(7));
    assertThatThrownBy(() -> TrainingConfig.fromJson("{\"steps\": 5, \"learningrate\": 1}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("learningrate")
        .hasMessageContaining("did you mean \"learningRate\"");
    assertThatThrownBy(() -> TrainingConfig.fromJson("{\"steps\": 5, \"beta1\": 1}"))
        .hasMessageContaining("beta1");
    assertThatThrownBy(() -> TrainingConfig.fromJson("{}"))
        .hasMessageContaining("steps must be positive");
  }

  @Test
  void warmUpSuitsTheLength() {
    assertThat(TrainingConfig.builder().setSteps(60).build().warmupSteps()).isEqualTo(20);
    assertThat(TrainingConfig.builder().setSteps(400).build().warmupSteps()).isEqualTo(100);
    assertThat(TrainingConfig.builder().setSteps(3000).build().warmupSteps()).isEqualTo(300);
    assertThat(TrainingConfig.builder().setSteps(90_000).build().warmupSteps()).isEqualTo(500);
    assertThat(TrainingConfig.builder().setSteps(400).optWarmupSteps(0).build().warmupSteps())
        .isZero();
  }

  @Test
  void scheduleRisesThenFalls() {
    Schedule schedule = new Schedule(TrainingConfig.Decay.COSINE, 2, 4, 104, 0.1);
    assertThat(schedule.learningRate(0)).isEqualTo(0.5);
    assertThat(schedule.learningRate(3)).isEqualTo(2);
    assertThat(schedule.learningRate(54)).isEqualTo(2 * 0.55);
    assertThat(schedule.learningRate(104)).isEqualTo(0.2);
  }
}
