package org.megalab.experiment;

import org.megalab.model.MegalodonConfig;

/** Ready-made studies of MEGALODON; {@link Studies} tells what they ask. */
final class MegalodonStudies {

  private static final int STEPS = 200;

  private MegalodonStudies() {}

  private static StudyBuilder megalodon() {
    return Studies.text(MegalodonConfig.preset("tiny"), STEPS);
  }

  static StudyBuilder ema() {
    return megalodon()
        .addArm("complex", "{}")
        .addArm("real", "{\"ema\": \"damped\"}")
        .addArm("none", "{\"ema\": \"none\"}");
  }

  static StudyBuilder emaDimension() {
    return megalodon()
        .addArm("N=0", "{\"ema\": \"none\"}")
        .addArm("N=1", "{\"emaModes\": 1}")
        .addArm("N=2", "{\"emaModes\": 2}")
        .addArm("N=8", "{\"emaModes\": 8}")
        .addArm("N=16", "{\"emaModes\": 16}")
        .optBaseArm("N=8");
  }

  static StudyBuilder norm() {
    return megalodon()
        .addArm("timestep norm", "{}")
        .addArm("layer norm", "{\"norm\": \"layer\"}")
        .addArm("RMS norm", "{\"norm\": \"rms\"}");
  }

  static StudyBuilder residual() {
    return megalodon()
        .addArm("two-hop, 2 layers", "{}")
        .addArm("pre-norm, 2 layers", "{\"residual\": \"pre_norm\"}")
        .addArm("two-hop, 4 layers", "{\"layers\": 4}")
        .addArm("pre-norm, 4 layers", "{\"layers\": 4, \"residual\": \"pre_norm\"}");
  }

  static StudyBuilder chunkSize() {
    return megalodon().addGrid("chunkSize", 16, 32, 64, 128, 256).optBaseArm("chunkSize=64");
  }

  static StudyBuilder attentionNorm() {
    return megalodon()
        .addArm("normalised", "{}")
        .addArm("not normalised", "{\"normalizedAttention\": false}");
  }
}
