package org.megalab.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.evaluate.Inference;
import org.megalab.json.ConfigException;
import org.megalab.model.LlamaConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;
import org.megalab.train.Progress;
import org.megalab.train.Run;
import org.megalab.train.TrainingConfig;
import tech.tablesaw.api.Table;

class StudyTest extends StudyFixture {

  private StudyBuilder patches() {
    return study(folder)
        .addGrid("patchSize", 2, 4, 5) // 5 does not divide the context
        .addArm(Arm.model("deep", MegabyteConfig.class, c -> c.toBuilder().setPatchSize(8).build()))
        .optBaseArm("patchSize=4")
        .optSeeds(2);
  }

  @Test
  void anArmIsARowAndAFailureIsARowWithItsError() throws IOException {
    Count count = new Count();
    StudyResult result = patches().optListener(count).build().run();
    Table table = result.table();
    assertThat(table.columnNames())
        .containsExactly(
            "arm",
            "parameters",
            "FLOPs",
            "seeds",
            "mean",
            "standard deviation",
            "difference",
            "low",
            "high",
            "error");
    assertThat(table.stringColumn("arm").asList())
        .containsExactly("deep", "patchSize=2", "patchSize=4", "patchSize=5");
    assertThat(table.intColumn("seeds").asList()).containsExactly(2, 2, 2, 0);
    assertThat(table.stringColumn("error").get(3)).contains("patchSize = 5", "contextLength = 32");
    assertThat(table.doubleColumn("mean").isMissing(3)).isTrue();
    assertThat(table.doubleColumn("difference").get(2)).isZero();
    assertThat(table.doubleColumn("low").isMissing(2)).isTrue();
    assertThat(table.longColumn("parameters").get(2)).isEqualTo(SMALL.parameterCount());
    assertThat(table.doubleColumn("FLOPs").get(2))
        .isEqualTo(SMALL.flops(32).training() * 4 * 4 * 32);

    Table settings = result.table("patchSize", "training.learningRate", "globalPosition");
    assertThat(settings.columnNames().subList(0, 5))
        .containsExactly(
            "arm", "patchSize", "training.learningRate", "globalPosition", "parameters");
    assertThat(settings.longColumn("patchSize").asList().subList(0, 3)).containsExactly(8L, 2L, 4L);
    assertThat(settings.longColumn("patchSize").isMissing(3)).isTrue();
    assertThat(settings.doubleColumn("training.learningRate").get(0)).isEqualTo(3e-3);
    assertThat(settings.stringColumn("globalPosition").asList())
        .containsExactly("learned", "learned", "learned", "");

    Table runs = result.runs();
    assertThat(runs.rowCount()).isEqualTo(8);
    double[] base = costs(runs, "patchSize=4");
    double[] two = costs(runs, "patchSize=2");
    Estimate difference = Estimate.paired(two, base);
    assertThat(table.doubleColumn("mean").get(1)).isEqualTo((two[0] + two[1]) / 2);
    assertThat(table.doubleColumn("difference").get(1)).isEqualTo(difference.mean());
    assertThat(table.doubleColumn("low").get(1)).isEqualTo(difference.low());
    assertThat(table.doubleColumn("high").get(1)).isEqualTo(difference.high());
    assertThat(base[0]).isNotEqualTo(base[1]); // seeds are seeds

    Run run = result.run("patchSize=2", 2);
    assertThat(run.training().seed()).isEqualTo(2);
    assertThat(((MegabyteConfig) run.model()).patchSize()).isEqualTo(2);
    assertThat(two[1]).isEqualTo(run.validation("validationBpb"));
    assertThatThrownBy(() -> result.run("patchSize=5", 1))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("deep");

    assertThat(Files.readAllLines(folder.resolve("table.csv"))).hasSize(5);
    assertThat(Files.readAllLines(folder.resolve("runs.csv"))).hasSize(9);
    assertThat(count.updates).hasSize(6 * 4);
    assertThat(count.begun).hasSize(6).startsWith("deep, seed 1", "patchSize=2, seed 1");
    StudyProgress last = count.ends.get(5);
    assertThat(last.done()).isEqualTo(8);
    assertThat(last.runs()).isEqualTo(8);
    assertThat(last.secondsLeft()).isZero();
    assertThat(count.ends.get(0).secondsLeft()).isPositive().isLessThan(600);
  }

  private static double[] costs(Table runs, String arm) {
    return runs.where(runs.stringColumn("arm").isEqualTo(arm))
        .doubleColumn("bits per byte")
        .asDoubleArray();
  }

  @Test
  void aStudyThatIsRunAgainRepeatsNothing() {
    String first = timeless(patches().build().run().runs());
    Count count = new Count();
    Study again = patches().optListener(count).build();
    assertThat(timeless(again.run().runs())).isEqualTo(first);
    assertThat(timeless(again.result().runs())).isEqualTo(first);
    assertThat(count.begun).isEmpty();
    // Another seed and another arm cost what they are, and no more.
    patches()
        .optListener(count)
        .optSeeds(3)
        .addArm("rotary", "{\"globalPosition\": \"rotary\"}")
        .build()
        .run();
    assertThat(count.begun)
        .containsExactlyInAnyOrder(
            "rotary, seed 1",
            "rotary, seed 2",
            "rotary, seed 3",
            "deep, seed 3",
            "patchSize=2, seed 3",
            "patchSize=4, seed 3");
  }

  @Test
  void anInterruptedStudyGoesOnWithItsNewestCheckpoint() {
    String whole = timeless(patches().setDirectory(folder.resolve("whole")).build().run().runs());
    Count count =
        new Count() {
          @Override
          public void onProgress(String run, Progress training, StudyProgress study) {
            super.onProgress(run, training, study);
            if (updates.size() == 7) {
              Thread.currentThread().interrupt();
            }
          }
        };
    StudyBuilder stopped = patches().setDirectory(folder.resolve("stopped")).optListener(count);
    StudyResult half = stopped.build().run();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(count.updates).hasSize(7);
    Table runs = half.runs();
    assertThat(runs.where(runs.stringColumn("arm").isEqualTo("patchSize=2")).stringColumn("error"))
        .containsExactly("interrupted at step 3 of 4");
    StudyResult done = Study.open(folder.resolve("stopped"), corpus()).run();
    assertThat(timeless(done.runs())).isEqualTo(whole);
    assertThat(count.updates).hasSize(7);
  }

  @Test
  void whatDiffersInItsInferenceIsTrainedOnce() {
    Count count = new Count();
    StudyResult result =
        study(folder)
            .addGrid("inference", "basic", "sliding", "strided", "both")
            .addArm(Arm.base())
            .optListener(count)
            .build()
            .run();
    assertThat(count.updates).hasSize(4);
    Table table = result.table();
    assertThat(table.stringColumn("error").unique().asList()).containsExactly("");
    try (SequenceModel model = result.run("inference=strided", 1).load(Device.cpu())) {
      double strided = BitsPerByte.of(model, corpus().validation(), Inference.STRIDED).value();
      assertThat(table.doubleColumn("mean").get(3)).isEqualTo(strided);
      double basic = BitsPerByte.of(model, corpus().validation()).value();
      assertThat(table.doubleColumn("mean").get(1)).isEqualTo(basic);
      assertThat(table.doubleColumn("mean").get(0)).isEqualTo(basic).isNotEqualTo(strided);
    }
  }

  @Test
  void whatDoesNotSuitItsInferenceFailsAlone() {
    LlamaConfig llama =
        LlamaConfig.builder()
            .setContextLength(32)
            .setModelDim(16)
            .setLayers(1)
            .setHeads(2)
            .optFeedForwardDim(24)
            .build();
    Table table =
        study(folder).setBase(llama).addGrid("inference", "basic", "strided").build().run().table();
    assertThat(table.stringColumn("error").get(0)).isEmpty();
    assertThat(table.stringColumn("error").get(1)).contains("strided inference needs");
  }

  @Test
  void runsAtOnceGiveTheNumbersOfRunsOneAfterTheOther() {
    StudyBuilder one = patches().setDirectory(folder.resolve("one"));
    StudyBuilder two = patches().setDirectory(folder.resolve("two")).optParallel(3);
    one.addArm("dropout", "{\"dropout\": 0.2}");
    two.addArm("dropout", "{\"dropout\": 0.2}");
    assertThat(timeless(two.build().run().runs())).isEqualTo(timeless(one.build().run().runs()));
  }

  @Test
  void anInterruptEndsRunsAtOnce() {
    Count count =
        new Count() {
          @Override
          public void onProgress(String run, Progress training, StudyProgress study) {
            Thread.currentThread().interrupt();
          }
        };
    StudyResult result = patches().optParallel(2).optListener(count).build().run();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(result.table().intColumn("seeds").sum()).isZero();
    assertThat(patches().build().run().table().intColumn("seeds").sum()).isEqualTo(6);
  }

  /** Code that was written a minute ago throws errors too. */
  @Test
  void anErrorIsARowToo() {
    Table table =
        study(folder)
            .addArm(Arm.base())
            .addArm(Arm.of("open", t -> t.with("{\"patchSize\": 8}")))
            .addArm(
                Arm.of(
                    "deep",
                    t -> {
                      throw new StackOverflowError("too deep");
                    }))
            .optListener(
                new StudyListener() {
                  @Override
                  public void onProgress(String run, Progress training, StudyProgress study) {
                    if (run.equals("open")) {
                      throw new NoSuchMethodError("gone");
                    }
                  }
                })
            .build()
            .run()
            .table();
    assertThat(table.stringColumn("error").asList()).containsExactly("", "gone", "too deep");
  }

  @Test
  void theTextFormIsTheStudy() {
    Study study =
        patches()
            .addArm(Arm.of("llama", t -> t.withModel(LlamaConfig.preset("tiny"))))
            .addArm(Arm.of("fast", t -> t.withTraining(training(3))))
            .addArm(Arm.of("sliding", t -> t.withInference(Inference.SLIDING)))
            .addArm(Arm.of("broken", t -> t.with("{\"nothing\": 1}")))
            .optBudget(Budget.bytes(1000))
            .optParallel(2)
            .build();
    Study read =
        StudyJson.read(org.megalab.json.RecordJson.parse(study.toJson()), List.of(corpus()))
            .setDirectory(folder)
            .build();
    assertThat(read.toJson()).isEqualTo(study.toJson());
    assertThat(read.runs().stream().map(StudyTest::told).toList())
        .isEqualTo(study.runs().stream().map(StudyTest::told).toList());
    assertThat(study.toJson()).contains("\"fast\": {\n      \"training\": {\n        \"steps\": 3");
  }

  private static String told(StudyRun run) {
    Trial trial = run.trial();
    return run.name() + (trial == null ? run.error() : trial.toJson() + trial.hash());
  }

  /** The example of {@link Study}, but for its size. */
  @Test
  void plainJava() throws IOException {
    StudyResult result =
        Study.builder()
            .setName("patch-size")
            .setBase(MegabyteConfig.preset("tiny"))
            .setData(corpus())
            .setTraining(TrainingConfig.builder().setSteps(400).optBatchSize(2).build())
            .setDirectory(folder)
            .addGrid("patchSize", 4, 8, 16)
            .addArm(
                Arm.model(
                    "P=8, deep",
                    MegabyteConfig.class,
                    c ->
                        c.toBuilder()
                            .setPatchSize(8)
                            .setLocal(TransformerSize.of(64, 4, 4))
                            .build()))
            .optSeeds(2)
            .optBudget(Budget.bytes(1024))
            .build()
            .run();
    assertThat(result.table().intColumn("seeds").asList()).containsExactly(2, 2, 2, 2);
    assertThat(result.runs().longColumn("bytes").unique().asList()).containsExactly(1024L);
    Path source = Path.of("src/src/main/java/org/megalab/experiment/Study.java");
    String text = Files.readString(Path.of(System.getProperty("megalab.root")).resolve(source));
    String example = text.substring(text.indexOf("<pre>"), text.indexOf("</pre>"));
    assertThat(example.lines().skip(1).filter(line -> line.length() > 3))
        .hasSizeLessThanOrEqualTo(15);
  }

  @Test
  void anArmOfAnyNameHasAFolder() {
    String name = "../" + "layers = [1, 2], ".repeat(30);
    StudyResult result = study(folder).addArm(name, "{}").build().run();
    assertThat(result.table().stringColumn("error").get(0)).isEmpty();
    assertThat(result.run(name, 1).directory().getParent().getParent()).isEqualTo(folder);
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> Study.builder().build()).hasMessageContaining("directory");
    assertThatThrownBy(() -> Study.builder().setDirectory(folder).build())
        .hasMessageContaining("missing: model data training");
    assertThatThrownBy(() -> study(folder).build()).hasMessageContaining("at least one arm");
    assertThatThrownBy(() -> patches().optBaseArm("P=8").build())
        .hasMessageContainingAll("\"P=8\"", "patchSize=4");
    assertThatThrownBy(() -> patches().addArm("deep", "{}").build())
        .hasMessageContaining("same name");
    assertThatThrownBy(() -> patches().optSeeds(1, 1).build()).hasMessageContaining("[1, 1]");
    assertThatThrownBy(() -> Study.open(folder)).hasMessageContaining("holds no study");
    assertThatThrownBy(() -> Study.builder("{\"modle\": {}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("modle");
    patches().build().run();
    assertThatThrownBy(() -> Study.open(folder))
        .hasMessageContaining("Study.open(directory, data)");
  }
}
