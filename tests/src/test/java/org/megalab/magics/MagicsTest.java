package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.data.Catalog;
import org.megalab.data.CatalogEntry;
import org.megalab.data.Corpus;
import org.megalab.data.ExampleSet;
import org.megalab.data.Split;
import org.megalab.evaluate.Accuracy;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.evaluate.ContextCurve;
import org.megalab.evaluate.EvaluationListener;
import org.megalab.evaluate.Inference;
import org.megalab.evaluate.PositionLoss;
import org.megalab.evaluate.WordPerplexity;
import org.megalab.experiment.LearningTask;
import org.megalab.generate.Generation;
import org.megalab.generate.Generator;
import org.megalab.generate.Sampling;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.train.Progress;
import org.megalab.train.Run;
import org.megalab.train.TrainingConfig;

/** What each magic does when it is used well. */
class MagicsTest extends MagicsFixture {

  private Run train(String... arguments) throws Exception {
    line("train", arguments);
    return variable("run", Run.class);
  }

  private Run trainTwoSteps(String name) throws Exception {
    return train("--steps", "2", "--batch-size", "2", "--run", folder.resolve(name).toString());
  }

  @Test
  void lsmagicListsAllAndEachHasHelp() throws Exception {
    line("lsmagic");
    for (MagicCommands.Entry entry : MagicCommands.ENTRIES) {
      assertThat(last("text/html")).contains(">" + entry.display() + "<");
      line("help", entry.name());
      assertThat(stdout()).contains("Usage: " + entry.display());
    }
    line("help", "%train");
    line("help", "%%model");
    assertThat(stdout()).contains("megalodon, perceiver-ar");
    line("help");
    assertThat(last("text/html")).contains("%train");
  }

  @Test
  void deviceIsShownAndChosen() throws Exception {
    line("device");
    line("device", "cpu");
    assertThat(stdout()).startsWith("device cpu  (PyTorch ").contains("CPU cores");
  }

  @Test
  void datasetListsWhatIsKnown() throws Exception {
    line("dataset");
    assertThat(last("text/html"))
        .contains("books", "latex", "enwik8", "lra-listops", "2,428,923,189", "not there");
  }

  @Test
  void datasetTellsWhereToGetWhatIsNotThere() throws Exception {
    System.setProperty("megalab.data", folder.toString());
    try {
      line("dataset", "enwik8");
      assertThat(last("text/plain"))
          .contains("mattmahoney.net", "100,000,000 bytes", folder.resolve("enwik8").toString());
      assertThat(folder.resolve("enwik8")).doesNotExist();
    } finally {
      System.clearProperty("megalab.data");
    }
  }

  static Stream<CatalogEntry> catalog() {
    return Catalog.load().entries().stream();
  }

  @ParameterizedTest
  @MethodSource("catalog")
  void datasetOpensWhatShipsAndTellsWhereTheOthersAre(CatalogEntry entry) throws Exception {
    System.setProperty("megalab.data", folder.resolve("nothing").toString());
    try {
      String variable = "set_" + entry.name().replace('-', '_');
      line("dataset", entry.name(), "--as", variable, "--verify");
      if (!entry.shipped()) {
        assertThat(last("text/plain"))
            .contains(entry.home(), folder.resolve("nothing").resolve(entry.folder()).toString());
      } else if (entry.kind() == CatalogEntry.Kind.CLASSIFICATION) {
        ExampleSet set = variable(variable, ExampleSet.class);
        assertThat(set.train().get(0).input()).isNotEmpty();
        assertThat(last("text/html"))
            .contains("validation", Integer.toString(set.validation().size()));
        assertThat(last("text/plain")).contains(set.classes().size() + " classes");
      } else {
        Corpus set = variable(variable, Corpus.class);
        assertThat(set.train().bytes()).isPositive();
        assertThat(last("text/html")).contains("validation");
      }
    } finally {
      System.clearProperty("megalab.data");
    }
  }

  @Test
  void datasetOpensOtherLayouts() throws Exception {
    line("dataset", "code", "--as", "java", "--verify");
    assertThat(variable("java", Corpus.class).train().documents()).hasSizeGreaterThan(100);
    line("dataset", folder.resolve("text").toString(), "--as", "tree", "--layout", "tree");
    assertThat(variable("tree", Corpus.class).validation().documents()).isNotEmpty();
  }

  @Test
  void datasetLoadsNamesAndFoldersIntoVariables() throws Exception {
    line("dataset", "latex", "--as", "papers", "--verify");
    assertThat(variable("papers", Corpus.class).name()).isEqualTo("latex");
    assertThat(last("text/html")).contains("corpus latex", "validation");
    line("dataset", folder.resolve("text").toString(), "--as", "own");
    assertThat(variable("own", Corpus.class).name()).isEqualTo("text");
    assertThat(corpus().name()).isEqualTo("text");
  }

  @Test
  void modelStartsFromAPresetAndTheSeedDecidesItsParameters() throws Exception {
    cell("model", "", "megabyte", "--preset", "tiny", "--as", "preset");
    assertThat(variable("preset", SequenceModel.class).config().contextLength()).isEqualTo(256);
    cell("model", "{\"architecture\": \"megabyte\", \"preset\": \"tiny\"}", "--as", "inJson");
    cell("model", "", "megabyte", "--preset", "tiny", "--as", "other", "--seed", "2");
    assertThat(bits("preset")).isEqualTo(bits("inJson")).isNotEqualTo(bits("other"));
    for (String name : new String[] {"preset", "inJson", "other"}) {
      variable(name, SequenceModel.class).close();
    }
  }

  @Test
  void aClassifierIsBuiltTrainedAndJudged() throws Exception {
    cell(
        "model",
        "{\"modelDim\": 16, \"layers\": 1}",
        "s4d",
        "--preset=tiny",
        "--classes=10",
        "--input=real",
        "--as=classifier");
    assertThat(last("text/html")).contains("s4d", "10 classes");
    SequenceClassifier classifier = variable("classifier", SequenceClassifier.class);
    ExampleSet set = LearningTask.named("fashion-mnist").data() instanceof ExampleSet e ? e : null;
    new Session(kernel).define("examples", ExampleSet.class, java.util.Objects.requireNonNull(set));
    line(
        "train",
        "--steps=2",
        "--batch-size=4",
        "--micro-batch-size=2",
        "--precision=bfloat16",
        "--decay=linear",
        "--optimizer=adam",
        "--recipe=s4d",
        "--average-decay=0.9",
        "--model=classifier",
        "--data=examples",
        "--as=judged",
        "--run=" + folder.resolve("judged"));
    Run run = variable("judged", Run.class);
    assertThat(run.training().decay()).isEqualTo(TrainingConfig.Decay.LINEAR);
    assertThat(run.training().weightDecay()).isEqualTo(0.01);
    Accuracy accuracy =
        (Accuracy) line("evaluate", "--model=classifier", "--data=examples", "--split=test");
    assertThat(accuracy.value()).isBetween(0.0, 1.0);
    assertThat(last("text/html")).contains("Sneaker", "accuracy");
    assertThatThrownBy(() -> line("evaluate", "--data=examples", "--words"))
        .hasStackTraceContaining("holds examples");
    classifier.close();
  }

  private double bits(String name) throws Exception {
    SequenceModel model = variable(name, SequenceModel.class);
    try (var ids = SequenceModel.ids(model.manager(), "hello".getBytes(StandardCharsets.UTF_8))) {
      return model.perByteLoss(ids).mean().getFloat();
    }
  }

  @Test
  void aModelBuiltAgainFreesTheOneBefore() throws Exception {
    cell("model", TINY, "megabyte", "--preset", "tiny", "--as", "again");
    SequenceModel first = variable("again", SequenceModel.class);
    cell("model", TINY, "megabyte", "--preset", "tiny", "--as", "again");
    assertThat(variable("again", SequenceModel.class)).isNotSameAs(first);
    assertThatThrownBy(() -> SequenceModel.ids(first.manager(), new byte[] {1}))
        .isInstanceOf(IllegalStateException.class);
    line("evaluate", "--model", "again");
    variable("again", SequenceModel.class).close();
  }

  @Test
  void summaryTellsAboutAnyVariable() throws Exception {
    line("summary");
    assertThat(last("text/html")).contains("megabyte", ">100.00<");
    line("summary", "corpus");
    assertThat(last("text/html")).contains("corpus text");
    kernel.evalRaw("var words = \"any value\";");
    line("summary", "words");
    assertThat(last("text/plain")).isEqualTo("any value");
  }

  @Test
  void trainShowsOneDisplayAndUpdatesIt() throws Exception {
    Run run = trainTwoSteps("live");
    assertThat(kernel.shown).hasSize(1);
    var progress = kernel.shown.get(0);
    assertThat(as(progress, "text/html")).contains("<progress value='1' max='2'", "1 of 2");
    assertThat(progress.getDisplayId()).isNotEmpty();
    assertThat(kernel.updates).isNotEmpty();
    assertThat(kernel.updates)
        .allSatisfy(data -> assertThat(data.getDisplayId()).isEqualTo(progress.getDisplayId()));
    var end = kernel.updates.get(kernel.updates.size() - 1);
    assertThat(as(end, "text/html")).contains("2 of 2").doesNotContain("NaN");
    assertThat(as(end, "text/plain")).startsWith("step 2/2  loss ");
    assertThat(stdout())
        .isEqualTo("The run is in %s; %%summary run tells about it.\n".formatted(run.directory()));
    assertThat(run.metrics().rowCount()).isEqualTo(2);
    assertThat(run.checkpoints()).containsExactly(2L);
  }

  @Test
  void progressOfFastStepsIsNotShownStepByStep() {
    LiveProgress progress = new LiveProgress(new Session(kernel));
    for (int step = 1; step <= 2000; step++) {
      progress.onStep(
          new Progress(step, 2000, step, 1, 9, 1, 1e-3, Double.NaN, 1, Double.NaN, Double.NaN));
    }
    int before = kernel.updates.size();
    progress.onEnd(new Progress(2000, 2000, 2000, 1, 9, 0, 1e-3, 1, 1, 1, Double.NaN));
    assertThat(kernel.shown).hasSize(1);
    assertThat(as(kernel.shown.get(0), "text/html")).contains("1 of 2000").doesNotContain("NaN");
    assertThat(before).isLessThan(20);
    assertThat(kernel.updates).hasSize(before + 1);
  }

  @Test
  void trainTakesItsOptionsToTheRunAndItsVariable() throws Exception {
    Run before = trainTwoSteps("before");
    Path directory = folder.resolve("with options");
    line(
        "train",
        "--steps=4",
        "--batch-size=3",
        "--window-length=16",
        "--learning-rate=2e-3",
        "--warmup-steps=1",
        "--weight-decay=0",
        "--gradient-clip=0.5",
        "--evaluate-every=2",
        "--checkpoint-every=2",
        "--seed=9",
        "--as=second",
        "--run=" + directory);
    Run run = variable("second", Run.class);
    assertThat(run.directory()).isEqualTo(directory);
    assertThat(run.training().steps()).isEqualTo(4);
    assertThat(run.training().batchSize()).isEqualTo(3);
    assertThat(run.training().windowLength()).isEqualTo(16);
    assertThat(run.training().learningRate()).isEqualTo(2e-3);
    assertThat(run.training().warmupSteps()).isEqualTo(1);
    assertThat(run.training().weightDecay()).isZero();
    assertThat(run.training().gradientClip()).isEqualTo(0.5);
    assertThat(run.training().seed()).isEqualTo(9);
    assertThat(run.checkpoints()).containsExactly(2L, 4L);
    assertThat(run.metrics().doubleColumn("validationBpb").removeMissing().size()).isEqualTo(2);
    assertThat(variable("run", Run.class)).isEqualTo(before);
  }

  @Test
  void anInterruptedTrainingDefinesItsRunAndResumes() throws Exception {
    String directory = folder.resolve("interrupted").toString();
    Thread.currentThread().interrupt();
    Run run = train("--steps", "4", "--batch-size", "2", "--run", directory);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(run.interrupted()).isTrue();
    assertThat(run.checkpoints()).hasSize(1);
    assertThat(stdout()).contains("%train --resume " + directory);
    run = train("--resume", directory);
    assertThat(run.interrupted()).isFalse();
    assertThat(run.metrics().longColumn("step").max()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "VALIDATION", "test"})
  void evaluateMeasuresASplit(String split) throws Exception {
    BitsPerByte cost = (BitsPerByte) line("evaluate", "--split", split);
    Corpus corpus = corpus();
    var expected =
        switch (split.toLowerCase(Locale.ROOT)) {
          case "train" -> corpus.train();
          case "test" -> corpus.test();
          default -> corpus.validation();
        };
    assertThat(cost.bytes()).isEqualTo(expected.bytes());
    assertThat(cost.value()).isEqualTo(BitsPerByte.of(model(), expected).value());
    assertThat(last("text/html")).contains(">all<");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sliding", "strided", "BOTH"})
  void evaluateTakesAnInference(String name) throws Exception {
    BitsPerByte cost = (BitsPerByte) line("evaluate", "--inference", name);
    Inference inference = Inference.valueOf(name.toUpperCase(Locale.ROOT));
    assertThat(cost.bytes()).isEqualTo(corpus().validation().bytes());
    assertThat(cost.value())
        .isEqualTo(BitsPerByte.of(model(), corpus().validation(), inference).value())
        .isNotEqualTo(BitsPerByte.of(model(), corpus().validation()).value());
  }

  @Test
  void evaluateDefaultsToValidation() throws Exception {
    BitsPerByte cost = (BitsPerByte) line("evaluate");
    assertThat(cost.value()).isEqualTo(BitsPerByte.of(model(), corpus().validation()).value());
  }

  @Test
  void evaluateCountsWords() throws Exception {
    BitsPerByte cost = BitsPerByte.of(model(), corpus().validation());
    WordPerplexity counted = (WordPerplexity) line("evaluate", "--words");
    assertThat(counted.all().words()).isEqualTo(12 * 6); // "validation: one two three – four."
    assertThat(counted.value()).isEqualTo(WordPerplexity.of(cost, 72).value());
    assertThat(last("text/html")).contains("word perplexity", ">all<");
    WordPerplexity given = (WordPerplexity) line("evaluate", "--words=50", "--split=test");
    assertThat(given.all().words()).isEqualTo(50);
  }

  @Test
  void evaluateDrawsCurvesOfTheContext() throws Exception {
    Split split = corpus().validation();
    ContextCurve prefixes = (ContextCurve) line("evaluate", "--context", "8..64");
    assertThat(prefixes)
        .isEqualTo(
            ContextCurve.prefixes(
                model(), split, new long[] {8, 16, 32, 64}, EvaluationListener.NONE));
    assertThat(prefixes.points().get(3).bitsPerByte()).as("beyond the context").isNaN();
    assertThat(as(kernel.shown.get(0), "text/html")).contains("perplexity", ">16<");
    assertThat(last("image/png")).startsWith("iVBORw0KGgo");
    ContextCurve windows =
        (ContextCurve) line("evaluate", "--windows=16,32", "--inference=strided");
    assertThat(windows.points().get(1).bitsPerByte())
        .isCloseTo(BitsPerByte.of(model(), split, Inference.STRIDED).value(), within(1e-9));
    assertThat(last("image/png")).startsWith("iVBORw0KGgo");
  }

  @ParameterizedTest
  @ValueSource(strings = {"context", "PATCH"})
  void evaluateDrawsTheLossByPosition(String where) throws Exception {
    PositionLoss loss = (PositionLoss) line("evaluate", "--positions", where);
    assertThat(loss.bins()).hasSize(where.equals("PATCH") ? 8 : 6);
    assertThat(loss.bins().stream().mapToLong(PositionLoss.Bin::bytes).sum())
        .isEqualTo(corpus().validation().bytes());
    assertThat(as(kernel.shown.get(0), "text/html")).contains("standard error");
    assertThat(last("image/png")).startsWith("iVBORw0KGgo");
  }

  @Test
  void lengthsHaveUnits() {
    assertThat(EvaluateMagic.lengths("4K..2M")).hasSize(10).startsWith(4096).endsWith(2 << 20);
    assertThat(EvaluateMagic.lengths("100, 1k")).containsExactly(100, 1024);
  }

  @Test
  void generatePrintsPromptAndTextAsValidUtf8() throws Exception {
    Generation generation =
        (Generation) line("generate", "größer", "–", "--bytes", "40", "--seed", "3");
    assertThat(generation.bytes()).hasSize(40);
    assertThat(stdout())
        .startsWith("größer –" + GenerateMagic.visible(generation.text()))
        .containsPattern("\\n\\[[\\d,]+ bytes/s]\\n$");
    Generation same =
        new Generator(model(), new Sampling(1, 0, 1, 3))
            .generate("größer –".getBytes(StandardCharsets.UTF_8), 40);
    assertThat(generation.bytes()).isEqualTo(same.bytes());
  }

  @Test
  void generatedControlCharactersAreVisible() {
    assertThat(GenerateMagic.visible("a\u001b[31m\r\n\tb\b\u007f\u0000ß"))
        .isEqualTo("a␛[31m␍\n\tb␈␡␀ß");
  }

  @Test
  void generateIsRepeatableAndNeedsNoPrompt() throws Exception {
    Generation one = (Generation) line("generate", "--bytes", "20", "--temperature", "0");
    Generation two =
        (Generation) line("generate", "--bytes", "20", "--temperature", "0", "--seed", "5");
    assertThat(one.bytes()).isEqualTo(two.bytes());
  }

  @Test
  void generateWritesSeveralTextsAtOnce() throws Exception {
    List<?> texts =
        (List<?>) line("generate", "one", "--bytes", "20", "--seed", "5", "--batch", "3");
    assertThat(texts).hasSize(3);
    for (int i = 0; i < 3; i++) {
      Generation alone =
          new Generator(model(), new Sampling(1, 0, 1, 5 + i))
              .generate("one".getBytes(StandardCharsets.UTF_8), 20);
      assertThat(((Generation) texts.get(i)).bytes()).isEqualTo(alone.bytes());
      assertThat(stdout())
          .contains("[seed " + (5 + i) + "]", "one" + GenerateMagic.visible(alone.text()));
    }
  }

  @Test
  void generateStopsAtATextOrTheEndOfTheLine() throws Exception {
    String whole = ((Generation) line("generate", "--bytes", "300", "--threshold", "0.9")).text();
    String stop = whole.substring(40, 41);
    Generation stopped =
        (Generation)
            line(
                "generate",
                "--bytes",
                "300",
                "--threshold",
                "0.9",
                "--stop",
                "nowhere",
                "--stop",
                stop);
    assertThat(stopped.reason()).isEqualTo("text \"" + stop + "\"");
    assertThat(stopped.text()).isEqualTo(whole.substring(0, whole.indexOf(stop) + 1));
    assertThat(stdout()).containsPattern("bytes/s; text \"");
    // A model that was not trained writes a line feed every 256 bytes or so.
    Generation line = (Generation) line("generate", "--bytes", "5000", "--stop", "\\n");
    assertThat(line.reason()).isEqualTo("text \"\n\"");
    assertThat(line.text()).endsWith("\n");
    assertThat(stdout()).contains("text \"␊\"");
    assertThat(((Generation) line("generate", "--bytes", "5000", "--line")).reason())
        .isEqualTo("end of line");
  }

  @Test
  void plotShowsPngOrSvgAndSaves() throws Exception {
    trainTwoSteps("plotted");
    line("plot");
    assertThat(last("image/png")).startsWith("iVBORw0KGgo");
    assertThat(last("text/plain")).contains("chart");
    Path png = folder.resolve("curve.png");
    Path svg = folder.resolve("curve.svg");
    for (String x : new String[] {"step", "bytes", "SECONDS"}) {
      line("plot", "--svg", "--x", x, "--save", svg.toString());
      assertThat(last("image/svg+xml")).startsWith("<svg");
      assertThat(last("image/png")).isEmpty();
    }
    line("plot", "--no-references", "--data", "nowhere", "--save", png.toString());
    assertThat(Files.readAllBytes(png)).startsWith(0x89, 'P', 'N', 'G');
    assertThat(Files.readString(svg)).contains("<svg");
  }
}
