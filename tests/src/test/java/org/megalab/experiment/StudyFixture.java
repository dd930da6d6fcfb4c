package org.megalab.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.Corpus;
import org.megalab.model.MegabyteConfig;
import org.megalab.train.Progress;
import org.megalab.train.TrainingConfig;
import org.megalab.train.TrainingFixture;
import tech.tablesaw.api.Table;

/** A study of models that train in a blink. */
abstract class StudyFixture {

  @TempDir Path folder;

  static final MegabyteConfig SMALL = TrainingFixture.SMALL.toBuilder().optDropout(0).build();

  static Corpus corpus() {
    return TrainingFixture.corpus();
  }

  static TrainingConfig training(int steps) {
    return TrainingConfig.builder()
        .setSteps(steps)
        .optBatchSize(4)
        .optLearningRate(3e-3)
        .optCheckpointEvery(2)
        .build();
  }

  static StudyBuilder study(Path directory) {
    return Study.builder()
        .setName("whales")
        .setBase(SMALL)
        .setData(corpus())
        .setTraining(training(4))
        .setDirectory(directory)
        .optListener(StudyListener.NONE);
  }

  /** The runs' rows without what the clock and the folder's name decide. */
  static String timeless(Table runs) {
    return runs.removeColumns("seconds").write().toString("csv");
  }

  /** Counts the updates, by run. */
  static class Count implements StudyListener {
    final List<String> updates = new ArrayList<>();
    final List<String> begun = new ArrayList<>();
    final List<StudyProgress> ends = new ArrayList<>();

    @Override
    public void onBegin(String run, StudyProgress study) {
      begun.add(run);
    }

    @Override
    public void onProgress(String run, Progress training, StudyProgress study) {
      updates.add(run + ", step " + training.step());
    }

    @Override
    public void onEnd(String run, StudyProgress study) {
      ends.add(study);
    }
  }
}
