package org.megalab.experiment;

import org.megalab.model.MegabyteConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.PerceiverArConfig;
import org.megalab.model.TransformerSize;

/** Ready-made studies of MEGABYTE; {@link Studies} tells what they ask. */
final class MegabyteStudies {

  static final int STEPS = 400;

  private static final int PICTURE_STEPS = 100;
  private static final int PICTURE_WINDOW = 768;

  private MegabyteStudies() {}

  /** The paper's MEGABYTE: with cross-patch attention over the whole patch before. */
  private static MegabyteConfig megabyte() {
    return MegabyteConfig.preset("tiny").toBuilder()
        .optLocalPosition(MegabyteConfig.Position.ROTARY)
        .optCrossPatch(4)
        .build();
  }

  static StudyBuilder patchSize() {
    return Studies.text(MegabyteConfig.preset("tiny"), STEPS)
        .optEqual(Budget.Kind.FLOPS)
        .addArm("P=2", "{\"patchSize\": 2}")
        .addArm("P=4", "{\"patchSize\": 4}")
        .addArm("P=8", "{\"patchSize\": 8}")
        .addArm("P=16", "{\"patchSize\": 16}")
        .optBaseArm("P=4");
  }

  static StudyBuilder globalLocal() {
    StudyBuilder study =
        Studies.text(MegabyteConfig.preset("tiny"), STEPS * 2 / 3).optEqual(Budget.Kind.FLOPS);
    for (int layers = 1; layers <= 5; layers++) {
      study.addArm(
          "%d global, %d local".formatted(layers, 6 - layers),
          "{\"global\": {\"layers\": %d}, \"local\": {\"layers\": %d}}"
              .formatted(layers, 6 - layers));
    }
    return study.optBaseArm("3 global, 3 local");
  }

  static StudyBuilder components() {
    return Studies.text(megabyte(), STEPS)
        .optEqual(Budget.Kind.FLOPS)
        .addArm("MEGABYTE", "{}")
        .addArm(
            "without local model",
            "{\"localModel\": false, \"localPosition\": \"none\", \"crossPatch\": 0, \"patchSize\": 2}")
        .addArm("without global model", "{\"globalModel\": false}")
        .addArm("without cross-patch", "{\"crossPatch\": 0}")
        .addArm("CNN encoder", "{\"convolutionalEncoder\": [3, 5, 7]}");
  }

  static StudyBuilder crossPatch() {
    return Studies.text(megabyte(), STEPS).addGrid("crossPatch", 0, 1, 2, 4);
  }

  static StudyBuilder inference() {
    return Studies.text(MegabyteConfig.preset("tiny"), 2 * STEPS)
        .addArm("basic", "{}")
        .addArm("sliding", "{\"inference\": \"sliding\"}")
        .addArm("strided", "{\"inference\": \"strided\"}")
        .addArm("sliding and strided", "{\"inference\": \"both\"}");
  }

  static StudyBuilder scan() {
    MegabyteConfig megabyte =
        MegabyteConfig.preset("tiny").toBuilder()
            .setContextLength(PICTURE_WINDOW)
            .setPatchSize(12) // 2 × 2 pixels in three colours
            .setGlobal(TransformerSize.of(144, 2, 4))
            .build();
    ModelConfig perceiver = PerceiverArConfig.preset("tiny").withContextLength(PICTURE_WINDOW);
    Arm rows = Arm.json("rows", "{\"scan\": \"raster\"}");
    return Studies.study(
            megabyte, LearningTask.named("photos-patches").data(), PICTURE_STEPS, PICTURE_WINDOW)
        .addArm("MEGABYTE, patches", "{}")
        .addArm(Arm.of("MEGABYTE, rows", rows.change()))
        .addArm(Arm.of("Perceiver AR, patches", t -> t.withModel(perceiver)))
        .addArm(Arm.of("Perceiver AR, rows", t -> rows.change().apply(t).withModel(perceiver)));
  }
}
