package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.Corpus;
import org.megalab.data.Document;
import org.megalab.json.ConfigException;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;
import org.megalab.torchscript.Autograd;

class TrainingTest {
  @TempDir Path folder;

  private static final MegabyteConfig SMALL =
      MegabyteConfig.builder()
          .setContextLength(32)
          .setPatchSize(4)
          .setGlobal(TransformerSize.of(32, 1, 2))
          .setLocal(TransformerSize.of(16, 1, 2))
          .optInitStd(0.02)
          .build();

  private static Corpus corpus() {
    Random random = new Random(2);
    StringBuilder text = new StringBuilder();
    while (text.length() < 3000) {
      text.append(random.nextBoolean() ? "the whale " : "a ship and the sea ");
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    List<Document> documents = List.of(Document.of("whale", bytes));
    return Corpus.of(
        "whales",
        documents,
        List.of(Document.of("v", text.substring(0, 333).getBytes(StandardCharsets.UTF_8))),
        List.of());
  }

  private static TrainingConfig config(int steps) {
    return TrainingConfig.builder()
        .setSteps(steps)
        .optBatchSize(4)
        .optLearningRate(3e-3)
        .optEvaluateEvery(5)
        .optCheckpointEvery(4)
        .optKeepCheckpoints(3)
        .build();
  }

  private Training training(
      SequenceModel model, TrainingConfig config, String name, TrainingListener listener) {
    return Training.builder()
        .setModel(model)
        .setCorpus(corpus())
        .setConfig(config)
        .setDirectory(folder.resolve(name))
        .optListener(listener)
        .build();
  }

  private static SequenceModel model() {
    return SMALL.newModel().initialize(Device.cpu(), 1);
  }

  /** The metrics without the clock's column. */
  private static List<String> metrics(Path run) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonObject object = JsonParser.parseString(line).getAsJsonObject();
      object.remove("seconds");
      lines.add(object.toString());
    }
    return lines;
  }

  @Test
  void resumedRunIsTheUninterruptedRunBitForBit() throws Exception {
    try (SequenceModel whole = model();
        SequenceModel stopped = model()) {
      training(whole, config(13), "whole", TrainingListener.NONE).run();
      // Stopped by an interrupt in step 6; dropout is on.
      Run run = training(stopped, config(13), "stopped", p -> interruptAt(p, 6)).run();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(run.interrupted()).isTrue();
      assertThat(run.checkpoints()).contains(6L);
      Training resumed = Training.resume(folder.resolve("stopped"), corpus());
      assertThat(resumed.run().interrupted()).isFalse();
      assertThat(metrics(folder.resolve("stopped")))
          .isEqualTo(metrics(folder.resolve("whole")))
          .hasSize(13);
      whole
          .namedParameters()
          .forEach(
              (name, p) ->
                  assertThat(resumed.model().weight(name).contentEquals(p.getArray()))
                      .as(name)
                      .isTrue());
      assertThat(run.checkpoints()).containsExactly(8L, 12L, 13L);
      // Also from an older checkpoint, whose later metrics are dropped.
      Training again = Training.resume(folder.resolve("stopped"), corpus(), 8);
      assertThat(run.checkpoints()).containsExactly(8L);
      assertThat(metrics(folder.resolve("stopped"))).hasSize(8);
      again.run();
      assertThat(metrics(folder.resolve("stopped"))).isEqualTo(metrics(folder.resolve("whole")));
      resumed.model().close();
      again.model().close();
    }
  }

  @Test
  void anInterruptedEvaluationIsMadeUpFor() throws Exception {
    try (SequenceModel whole = model();
        SequenceModel stopped = model()) {
      training(whole, config(10), "whole", TrainingListener.NONE).run();
      // A document whose reading interrupts the thread: the evaluation after step 5 is cut short.
      var armed = new java.util.concurrent.atomic.AtomicBoolean(true);
      Document trap = new InterruptingDocument(corpus().validation().documents().get(0), armed);
      Corpus corpus = Corpus.of("whales", corpus().train().documents(), List.of(trap), List.of());
      Training first =
          Training.builder()
              .setModel(stopped)
              .setCorpus(corpus)
              .setConfig(config(10))
              .setDirectory(folder.resolve("stopped"))
              .optListener(TrainingListener.NONE)
              .build();
      Run run = first.run();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(run.interrupted()).isTrue();
      assertThat(metrics(folder.resolve("stopped"))).hasSize(4);
      assertThat(run.checkpoints()).contains(5L);
      assertThatThrownBy(first::run)
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("has run already");
      Training second = Training.resume(folder.resolve("stopped"), corpus());
      armed.set(false);
      assertThat(second.run().interrupted()).isFalse();
      second.model().close();
      assertThat(metrics(folder.resolve("stopped"))).isEqualTo(metrics(folder.resolve("whole")));
    }
  }

  /** Interrupts the reading thread while armed. */
  private record InterruptingDocument(
      Document document, java.util.concurrent.atomic.AtomicBoolean armed) implements Document {
    @Override
    public String name() {
      return document.name();
    }

    @Override
    public long length() {
      return document.length();
    }

    @Override
    public void read(long offset, byte[] into, int from, int count) {
      document.read(offset, into, from, count);
      if (armed.get()) {
        Thread.currentThread().interrupt();
      }
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

  private static void interruptAt(Progress progress, int step) {
    if (progress.step() == step) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void interruptedModelIsUsable() {
    try (SequenceModel model = model();
        NDManager manager = NDManager.newBaseManager()) {
      training(model, config(100), "run", p -> interruptAt(p, 2)).run();
      assertThat(Thread.interrupted()).isTrue();
      NDArray loss =
          model.perByteLoss(
              SequenceModel.ids(manager, "the whale".getBytes(StandardCharsets.UTF_8)));
      assertThat(loss.isNaN().any().getBoolean()).isFalse();
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
              .setCorpus(eight)
              .setConfig(training)
              .setDirectory(folder.resolve("overfit"))
              .optListener(TrainingListener.NONE)
              .build()
              .run();
      // Which of the eight it is costs 3 bits; everything after that is known by heart.
      assertThat(last(run)).isBetween(3.0 / 32, 3.0 / 32 + 0.005);
    }
  }

  private static double last(Run run) {
    var column = run.metrics().doubleColumn("validationBpb").removeMissing();
    return column.get(column.size() - 1);
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
  void badInputIsNamedAndLosesNothing() throws Exception {
    try (SequenceModel model = model()) {
      training(model, config(9), "first", TrainingListener.NONE).run();
      assertThatThrownBy(() -> training(model, config(5), "first", TrainingListener.NONE))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("already holds a run");
      Path file = Files.writeString(folder.resolve("file"), "x");
      assertThatThrownBy(() -> training(model, config(5), "file/run", TrainingListener.NONE))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("cannot be written");
      assertThat(file).content().isEqualTo("x");
      assertThatThrownBy(() -> Training.resume(folder.resolve("nowhere"), corpus()))
          .hasMessageContaining("holds no run");
      assertThatThrownBy(
              () ->
                  training(
                      model,
                      config(5).toBuilder().optWindowLength(64).build(),
                      "long",
                      TrainingListener.NONE))
          .hasMessageContaining("windowLength = 64");

      Path newest = folder.resolve("first/checkpoints/step-9/model.safetensors");
      try (RandomAccessFile bytes = new RandomAccessFile(newest.toFile(), "rw")) {
        bytes.seek(bytes.length() - 100);
        bytes.write(42);
      }
      assertThatThrownBy(() -> Training.resume(folder.resolve("first"), corpus()))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("step-9 is corrupt")
          .hasMessageContaining("[4, 8]");
      assertThat(metrics(folder.resolve("first"))).hasSize(9);
      assertThatThrownBy(() -> Training.resume(folder.resolve("first"), corpus(), 7))
          .hasMessageContaining("no checkpoint of step 7")
          .hasMessageContaining("[4, 8, 9]");
      Corpus other = Corpus.of("others", corpus().train().documents(), List.of(), List.of());
      assertThatThrownBy(() -> Training.resume(folder.resolve("first"), other, 8))
          .hasMessageContaining("others");
      Training.resume(folder.resolve("first"), corpus(), 8).model().close();
      MegabyteConfig letters = SMALL.toBuilder().optVocabularySize(26).build();
      try (SequenceModel small = letters.newModel().initialize(Device.cpu(), 1)) {
        assertThatThrownBy(() -> training(small, config(5), "letters", TrainingListener.NONE))
            .hasMessageContaining("vocabularySize = 26");
      }
      assertThatThrownBy(() -> model.initialize(Device.cpu(), 2))
          .hasMessageContaining("initialised already");
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
  void metricsCutOffByAKillAreDropped() throws Exception {
    try (SequenceModel model = model()) {
      training(model, config(5), "killed", TrainingListener.NONE).run();
      Path metrics = folder.resolve("killed/metrics.jsonl");
      Files.writeString(metrics, Files.readString(metrics) + "{\"step\":6,\"by");
      assertThat(Run.open(folder.resolve("killed")).metrics().rowCount()).isEqualTo(5);
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
  void scheduleRisesThenFalls() {
    Schedule schedule = new Schedule(2, 4, 104, 0.1);
    assertThat(schedule.learningRate(0)).isEqualTo(0.5);
    assertThat(schedule.learningRate(3)).isEqualTo(2);
    assertThat(schedule.learningRate(54)).isEqualTo(2 * 0.55);
    assertThat(schedule.learningRate(104)).isEqualTo(0.2);
  }
}
