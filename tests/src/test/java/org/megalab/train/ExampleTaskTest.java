package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.megalab.data.Example;
import org.megalab.data.ExampleSet;
import org.megalab.data.Examples;
import org.megalab.data.Numbers;
import org.megalab.data.RandomExamples;
import org.megalab.evaluate.Accuracy;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.LlamaConfig;
import org.megalab.model.S4dConfig;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;

/** Answers and classes, learned by language models and by classifiers. */
class ExampleTaskTest extends TrainingFixture {

  private static final List<String> CLASSES = List.of("even", "odd", "none");

  /** The parity of the first digit, or no digit at all; of different lengths. */
  private static ExampleSet digits() {
    Random random = new Random(3);
    List<Example> all = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      byte[] input = new byte[4 + random.nextInt(9)];
      Arrays.fill(input, (byte) '.');
      int label = random.nextInt(3);
      if (label < 2) {
        input[random.nextInt(input.length)] = (byte) ('0' + 2 * random.nextInt(5) + label);
      }
      all.add(Example.labelled(input, label, 3));
    }
    return new ExampleSet(
        "digits",
        CLASSES,
        Numbers.pixels(0.15, 0.1),
        Examples.of(all.subList(0, 300)),
        Examples.of(all.subList(300, 400)),
        Examples.none());
  }

  private Run train(TrainableModel model, TrainingConfig config, String name) {
    return Training.builder()
        .setModel(model)
        .setData(digits())
        .setConfig(config)
        .setDirectory(folder.resolve(name))
        .optListener(TrainingListener.NONE)
        .build()
        .run();
  }

  private static SequenceClassifier classifier(ClassifierConfig.Input input) {
    S4dConfig encoder =
        S4dConfig.preset("tiny").toBuilder().setModelDim(32).setLayers(2).optDropout(0).build();
    return ClassifierConfig.builder()
        .setEncoder(encoder)
        .setClasses(3)
        .optInput(input)
        .build()
        .newModel()
        .initialize(Device.cpu(), 1);
  }

  private static TrainingConfig longer(int steps) {
    return config(steps).toBuilder()
        .optBatchSize(16)
        .optEvaluateEvery(0)
        .optWarmupSteps(10)
        .build();
  }

  @Test
  void aClassifierLearnsAndResumesBitForBit() throws Exception {
    try (SequenceClassifier model = classifier(ClassifierConfig.Input.SYMBOLS);
        SequenceClassifier stopped = classifier(ClassifierConfig.Input.SYMBOLS)) {
      TrainingConfig config = longer(120).toBuilder().optMicroBatchSize(6).build();
      Run run = train(model, config, "classifier");
      assertThat(run.metrics().columnNames()).contains("validationAccuracy");
      double accuracy = run.metrics().doubleColumn("validationAccuracy").get(119);
      assertThat(accuracy).isGreaterThan(0.9);
      assertThat(run.summary().stringColumn("run").asList()).contains("validation accuracy");
      try (SequenceClassifier loaded = run.loadClassifier(120, Device.cpu())) {
        ExampleSet data = digits();
        Accuracy again = Accuracy.of(loaded, data.numbers(), 3, data.validation());
        assertThat(again.value()).isEqualTo(accuracy);
        assertThat(again.table(CLASSES).rowCount()).isEqualTo(4);
        assertThat(again.examples()).allMatch(n -> n > 10).hasSize(3);
      }
      assertThatThrownBy(() -> run.load(Device.cpu()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("SequenceClassifier")
          .hasMessageContaining("loadClassifier");
      Training.builder()
          .setModel(stopped)
          .setData(digits())
          .setConfig(config)
          .setDirectory(folder.resolve("stopped"))
          .optListener(p -> interruptAt(p, 50))
          .build()
          .run();
      assertThat(Thread.interrupted()).isTrue();
      Training resumed = Training.resume(folder.resolve("stopped"), digits());
      resumed.run();
      resumed.model().close();
      assertThat(metrics(folder.resolve("stopped")))
          .isEqualTo(metrics(folder.resolve("classifier")));
    }
  }

  @Test
  void aClassifierOfNumbersLearns() {
    try (SequenceClassifier model = classifier(ClassifierConfig.Input.REAL)) {
      Run run = train(model, longer(150), "numbers");
      // A digit stands out from the dots; odd and even are harder to tell.
      assertThat(run.metrics().doubleColumn("validationAccuracy").get(149)).isGreaterThan(0.5);
    }
  }

  @Test
  void aLanguageModelLearnsToAnswer() {
    LlamaConfig config =
        LlamaConfig.preset("tiny").toBuilder()
            .setContextLength(16)
            .setModelDim(32)
            .setLayers(2)
            .setHeads(4)
            .build();
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1)) {
      Run run = train(model, longer(150), "language");
      assertThat(run.metrics().doubleColumn("validationAccuracy").get(149)).isGreaterThan(0.9);
      ExampleSet data = digits();
      Accuracy accuracy = Accuracy.of(model, data.numbers(), 3, data.validation());
      assertThat(accuracy.targets()).isEqualTo(100);
      assertThat(accuracy.bitsPerByte())
          .isCloseTo(run.metrics().doubleColumn("validationBpb").get(149), within(1e-12));
    }
  }

  /** Two parts, equal or not: only who compares both can tell. */
  @Test
  void aClassifierOfPairsLearns() {
    Random random = new Random(4);
    List<Example> all = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      char first = (char) ('a' + random.nextInt(3));
      char second = random.nextBoolean() ? first : (char) ('a' + random.nextInt(3));
      String text =
          String.valueOf(first).repeat(3 + random.nextInt(4))
              + "\0"
              + String.valueOf(second).repeat(3 + random.nextInt(4));
      byte[] input = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      all.add(Example.labelled(input, first == second ? 1 : 0, 2));
    }
    ExampleSet pairs =
        new ExampleSet(
            "pairs",
            List.of("different", "equal"),
            Numbers.SYMBOLS,
            Examples.of(all.subList(0, 400)),
            Examples.of(all.subList(400, 500)),
            Examples.none());
    S4dConfig encoder =
        S4dConfig.preset("tiny").toBuilder().setModelDim(32).setLayers(1).optDropout(0).build();
    ClassifierConfig config =
        ClassifierConfig.builder().setEncoder(encoder).setClasses(2).optPair(true).build();
    try (SequenceClassifier model = config.newModel().initialize(Device.cpu(), 1)) {
      Run run =
          Training.builder()
              .setModel(model)
              .setData(pairs)
              .setConfig(longer(200))
              .setDirectory(folder.resolve("pairs"))
              .optListener(TrainingListener.NONE)
              .build()
              .run();
      assertThat(run.validation("validationAccuracy")).isGreaterThan(0.9);
      assertThatThrownBy(() -> Accuracy.of(model, Numbers.SYMBOLS, 3, digits().validation()))
          .hasMessageContaining("two parts with a zero byte");
    }
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeADirectoryIsMade() {
    try (SequenceClassifier model = classifier(ClassifierConfig.Input.SYMBOLS)) {
      TrainingBuilder builder =
          Training.builder()
              .setModel(model)
              .setConfig(longer(15))
              .setDirectory(folder.resolve("refused"));
      assertThatThrownBy(() -> builder.setData(corpus()).build())
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("whales is a text");
      ExampleSet two =
          new ExampleSet(
              "two",
              List.of("a", "b"),
              Numbers.SYMBOLS,
              digits().train(),
              Examples.none(),
              Examples.none());
      assertThatThrownBy(() -> builder.setData(two).build())
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("the model has 3 classes and two has 2");
      assertThat(folder.resolve("refused")).doesNotExist();
    }
  }

  @Test
  void everyExampleOnceAnEpochInAnOrderOfTheSeed() {
    RandomExamples order = new RandomExamples(digits().train(), 7, 5);
    List<Integer> seen = new ArrayList<>();
    for (int step = 0; seen.size() < 600; step++) {
      Arrays.stream(order.indices(step)).forEach(seen::add);
    }
    List<Integer> first = seen.subList(0, 300);
    List<Integer> second = seen.subList(300, 600);
    assertThat(first).doesNotHaveDuplicates().isNotEqualTo(second);
    assertThat(second).doesNotHaveDuplicates();
    assertThat(first.subList(0, 5)).isNotEqualTo(List.of(0, 1, 2, 3, 4));
    // From the middle, by another reader; and pinned, so that runs stay what they were.
    assertThat(new RandomExamples(digits().train(), 7, 5).indices(60))
        .containsExactly(order.indices(60));
    assertThat(new RandomExamples(digits().train(), 7, 6).indices(0))
        .isNotEqualTo(order.indices(0));
  }

  @Test
  void labelsAndNumbersAreChecked() {
    assertThat(Example.labelled(new byte[2], 999, 1000).label()).isEqualTo(999);
    assertThat(Example.labelled(new byte[2], 200, 256).label()).isEqualTo(200);
    assertThatThrownBy(() -> Example.labelled(new byte[2], 3, 3))
        .hasMessageContaining("label is 3");
    assertThat(Numbers.PCM16.of(new byte[] {0, (byte) 0x80, (byte) 0xFF, 0x7F}))
        .containsExactly(-1f, 32767 / 32768f);
    // G.711: 0xFF and 0x7F are zero, 0x80 the largest, 0x00 the smallest.
    assertThat(Numbers.MU_LAW.of(new byte[] {(byte) 0xFF, 0x7F, (byte) 0x80, 0, (byte) 0xF0}))
        .containsExactly(0f, 0f, 32124 / 32768f, -32124 / 32768f, 120 / 32768f);
    assertThat(Numbers.pixels(0.5, 0.5).of(new byte[] {0, (byte) 255})).containsExactly(-1f, 1f);
    assertThatThrownBy(() -> Numbers.PCM16.of(new byte[3])).hasMessageContaining("samples");
    assertThatThrownBy(() -> Numbers.SYMBOLS.of(new byte[3])).hasMessageContaining("symbols");
  }
}
