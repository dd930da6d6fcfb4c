package org.megalab.train;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import org.megalab.model.SequenceModel;

/**
 * A process that trains in a directory, from its newest checkpoint where there is one, and tells
 * every step.
 */
final class KilledTraining {

  private KilledTraining() {}

  /** Evaluations, averages and a checkpoint after every step: the process is killed in all. */
  static TrainingConfig config(int steps) {
    return TrainingFixture.config(steps).toBuilder()
        .optCheckpointEvery(1)
        .optKeepCheckpoints(2)
        .optEvaluateEvery(7)
        .optMicroBatchSize(3)
        .optAverageDecay(0.9)
        .build();
  }

  public static void main(String[] arguments) {
    Path directory = Path.of(arguments[0]);
    TrainingConfig config = config(Integer.parseInt(arguments[1]));
    TrainingListener tell = progress -> System.out.println(progress.step());
    Training training;
    if (Files.exists(directory.resolve("config.json"))) {
      Run run = Run.open(directory);
      SequenceModel model = TrainingFixture.model();
      training =
          Training.resume(directory, TrainingFixture.corpus(), run.newestCheckpoint(), model, tell);
    } else {
      training =
          Training.builder()
              .setModel(TrainingFixture.SMALL.newModel().initialize(Device.cpu(), 1))
              .setData(TrainingFixture.corpus())
              .setConfig(config)
              .setDirectory(directory)
              .optListener(tell)
              .build();
    }
    training.run();
  }
}
