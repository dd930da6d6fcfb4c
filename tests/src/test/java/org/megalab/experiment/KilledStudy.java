package org.megalab.experiment;

import java.nio.file.Path;
import org.megalab.train.Progress;

/** A process that runs a study of six arms and three seeds, and tells every update. */
final class KilledStudy {

  private KilledStudy() {}

  static StudyBuilder study(Path directory) {
    return StudyFixture.study(directory)
        .setTraining(StudyFixture.training(6).toBuilder().optEvaluateEvery(4).build())
        .addGrid("patchSize", 2, 4, 8)
        .addGrid("global.layers", 1, 2)
        .addArm("five", "{\"patchSize\": 5}") // fails
        .optBaseArm("patchSize=4, global.layers=1")
        .optSeeds(3);
  }

  public static void main(String[] arguments) {
    study(Path.of(arguments[0]))
        .optListener(
            new StudyListener() {
              @Override
              public void onProgress(String run, Progress training, StudyProgress study) {
                System.out.println(run + ", step " + training.step());
              }
            })
        .build()
        .run();
  }
}
