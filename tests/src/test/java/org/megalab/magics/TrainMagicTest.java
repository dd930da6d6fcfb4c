package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.megalab.train.Progress;
import org.megalab.train.Run;

/** {@code %train}: its display, its options, its run. */
class TrainMagicTest extends MagicsFixture {

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
}
