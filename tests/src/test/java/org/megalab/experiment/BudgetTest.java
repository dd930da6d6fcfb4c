package org.megalab.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.megalab.data.Dataset;
import org.megalab.data.ListOps;
import org.megalab.evaluate.Inference;
import org.megalab.json.ConfigException;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.S4dConfig;
import org.megalab.train.TrainingConfig;
import tech.tablesaw.api.Table;

class BudgetTest extends StudyFixture {

  private static final TrainingConfig TRAINING =
      TrainingConfig.builder().setSteps(100).optWarmupSteps(20).optBatchSize(4).build();

  private static Trial trial() {
    return new Trial(SMALL, TRAINING, corpus(), Inference.BASIC);
  }

  private static int steps(Budget budget, Trial trial) {
    return budget.applyTo(trial).training().steps();
  }

  @Test
  void bytesAndOperationsAreSteps() {
    assertThat(steps(Budget.steps(7), trial())).isEqualTo(7);
    assertThat(steps(Budget.bytes(1280), trial())).isEqualTo(10); // 4 windows of 32 bytes
    assertThat(steps(Budget.bytes(1), trial())).isEqualTo(1);
    Trial wide = trial().with("{\"training\": {\"batchSize\": 2, \"windowLength\": 16}}");
    assertThat(steps(Budget.bytes(1280), wide)).isEqualTo(40);
    double perByte = 3 * SMALL.flops(32).total();
    assertThat(steps(Budget.flops(perByte * 1280), trial())).isEqualTo(10);
    MegabyteConfig patch8 = SMALL.toBuilder().setPatchSize(8).build();
    Trial cheap = trial().withModel(patch8);
    double ratio = SMALL.flops(32).total() / patch8.flops(32).total();
    assertThat(ratio).isGreaterThan(1.05);
    assertThat(steps(Budget.flops(perByte * 128_000), cheap))
        .isEqualTo((int) Math.round(1000 * ratio));
    assertThat(steps(Budget.seconds(1), trial())).isEqualTo(100);
  }

  @Test
  void theWarmUpKeepsItsShare() {
    assertThat(Budget.steps(10).applyTo(trial()).training().warmupSteps()).isEqualTo(2);
    assertThat(Budget.steps(1000).applyTo(trial()).training().warmupSteps()).isEqualTo(200);
    assertThat(Budget.steps(1).applyTo(trial()).training().warmupSteps()).isZero();
  }

  @Test
  void examplesCountWithTheirAnswers() {
    Dataset sums = ListOps.ofLength(5, 20).examples(300, 20, 0, 1);
    S4dConfig s4d = S4dConfig.preset("tiny");
    ClassifierConfig model = ClassifierConfig.builder().setEncoder(s4d).setClasses(10).build();
    Trial trial = new Trial(model, TRAINING, sums, Inference.BASIC);
    assertThat(trial.windowBytes()).isBetween(6.0, 21.0);
    assertThat(trial.trainingFlopsPerByte())
        .isEqualTo(s4d.flops((int) Math.round(trial.windowBytes())).training());
  }

  @Test
  void everyArmSpendsAsMuchAsTheBase() {
    Table table =
        study(folder)
            .addGrid("patchSize", 4, 8)
            .optEqual(Budget.Kind.FLOPS)
            .optSteps(40)
            .build()
            .result()
            .table();
    assertThat(table.doubleColumn("FLOPs").isMissing(0)).isTrue(); // nothing is trained yet
    Study study =
        study(folder).addGrid("patchSize", 4, 8).optEqual(Budget.Kind.FLOPS).optSteps(40).build();
    double spent = study.base().bytesPerStep() * 40 * study.base().trainingFlopsPerByte();
    for (StudyRun run : study.runs()) {
      Trial trial = run.trial();
      assertThat(trial).isNotNull();
      double flops = trial.bytesPerStep() * trial.training().steps() * trial.trainingFlopsPerByte();
      assertThat(flops / spent).isBetween(0.98, 1.02);
    }
    assertThat(study.runs().get(0).trial().training().steps()).isEqualTo(40);
    assertThat(study.runs().get(1).trial().training().steps()).isGreaterThan(40);
  }

  @Test
  void trainingEndsAtTheFirstStepBeyondItsSeconds() {
    Count count = new Count();
    StudyBuilder timed =
        study(folder)
            .setTraining(training(100_000))
            .addArm(Arm.base())
            .optBudget(Budget.seconds(1))
            .optListener(count);
    Table runs = timed.build().run().runs();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(runs.stringColumn("error").get(0)).isEmpty();
    assertThat(runs.doubleColumn("bits per byte").get(0)).isBetween(0.1, 8.1);
    int steps = count.updates.size();
    assertThat(runs.longColumn("steps").get(0)).isEqualTo(steps).isLessThan(100_000);
    assertThat(runs.doubleColumn("seconds").get(0)).isGreaterThanOrEqualTo(0.9995);
    List<Double> seconds =
        timed.build().result().run("base", 1).metrics().doubleColumn("seconds").asList();
    assertThat(seconds.subList(0, steps - 1)).allMatch(spent -> spent < 1.0005); // kept to 1 ms
    timed.build().run();
    assertThat(count.updates).hasSize(steps); // it is complete
    timed.optBudget(Budget.seconds(0.1)).build().run();
    assertThat(count.updates).hasSizeGreaterThan(steps); // of other seconds it is not
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> Budget.bytes(Long.MAX_VALUE).applyTo(trial()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("take a smaller one");
    assertThatThrownBy(() -> Budget.flops(0)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> Budget.seconds(Double.POSITIVE_INFINITY))
        .hasMessageContaining("seconds");
    assertThatThrownBy(() -> study(folder).optEqual(Budget.Kind.SECONDS))
        .hasMessageContaining("name the seconds");
    String study =
        "{\"model\": {\"architecture\": \"megabyte\", \"preset\": \"tiny\"}, \"data\": \"books\", \"budget\": ";
    assertThatThrownBy(() -> Study.builder(study + "{\"hours\": 2}}"))
        .hasMessageContaining("hours");
    assertThatThrownBy(() -> Study.builder(study + "\"much\"}")).hasMessageContaining("much");
  }
}
