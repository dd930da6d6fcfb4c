package org.megalab.experiment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.megalab.data.Dataset;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.ModelConfig;
import org.megalab.train.TrainingConfig;

/**
 * Studies of the papers' questions at notebook size: half a million parameters, some hundred
 * thousand bytes, three seeds, two or three minutes on two cores.
 *
 * <pre>
 * StudyResult result = Studies.named("megabyte-patch-size")
 *     .setDirectory(Path.of("runs/patch-size")).build().run();
 * </pre>
 *
 * <p>Their counterparts, Yu et al. 2023 (MEGABYTE; bits per byte) and Ma et al. 2024 (MEGALODON):
 *
 * <ul>
 *   <li>{@code megabyte-patch-size}: ImageNet 256, P = 48, 192, 768: 3.178, 3.158, 3.186. Here at
 *       equal operations, which buy more steps where patches are longer.
 *   <li>{@code megabyte-global-local}: PG-19, 350M + 290M, 760M + 262M, 1.3B + 218M: 1.014, 1.002,
 *       0.991. Here six layers of equal operations a byte are dealt out to the two models.
 *   <li>{@code megabyte-components}: the ablation table; arXiv, audio and ImageNet 256: MEGABYTE
 *       0.6871, 3.477, 3.158; without local model 1.263, 5.955, 4.768; without global model 1.373,
 *       3.659, 3.181; without cross-patch attention 0.6781, 3.481, 3.259; with CNN encoder 0.6871,
 *       3.475, 3.155. At equal operations; without local model the patches are half as long, as in
 *       the paper.
 *   <li>{@code megabyte-cross-patch}: how far cross-patch attention reaches, which the paper leaves
 *       open.
 *   <li>{@code megabyte-inference}: PG-19, basic, sliding, strided, both: 0.9079, 0.8918, 0.8926,
 *       0.8751. One training a seed.
 *   <li>{@code megabyte-scan}: ImageNet 256 by patches and by rows: MEGABYTE 3.158 and 3.428,
 *       Perceiver AR 3.373 and 3.552. Here photos of 64×64 pixels in windows of 768 bytes.
 *   <li>{@code megalodon-ema}, {@code megalodon-norm}, {@code megalodon-residual}, {@code
 *       megalodon-attention-norm}: what the paper argues for in its sections 3.1 to 3.4 (complex
 *       moving average, timestep norm, two-hop residual, normalised attention) and has no table of.
 *   <li>{@code megalodon-ema-dimension}, {@code megalodon-chunk-size}: figures of MEGA (Ma et al.
 *       2023) on Long Range Arena, dimensions 0 to 32 and chunks from 16 steps on; without numbers.
 *   <li>{@code architectures}: all architectures at equal operations; MEGABYTE's table 2, PG-19:
 *       Transformer 1.057, Perceiver AR 1.104, MEGABYTE 1.000.
 * </ul>
 *
 * <p>Published numbers come from models of 0.1 to 7 billion parameters and up to trillions of
 * bytes: they tell what was found there, not what is to be expected here.
 */
public final class Studies {

  private static final int SEEDS = 3;

  /**
   * So small that a few hundred kilobytes are many updates: here these models learn twice as fast.
   */
  private static final int BATCH = 2;

  private static final int WINDOW = 256;

  private static final Map<String, Entry> STUDIES = new LinkedHashMap<>();

  /**
   * An entry of the list.
   *
   * @param about the question
   * @param study makes the study
   */
  private record Entry(String about, Supplier<StudyBuilder> study) {}

  static {
    add("megabyte-patch-size", "bytes of a patch, at equal FLOPs", MegabyteStudies::patchSize);
    add(
        "megabyte-global-local",
        "six layers dealt out to both models",
        MegabyteStudies::globalLocal);
    add("megabyte-components", "without its parts, at equal FLOPs", MegabyteStudies::components);
    add("megabyte-cross-patch", "reach into the patch before", MegabyteStudies::crossPatch);
    add("megabyte-inference", "basic, sliding, strided and both", MegabyteStudies::inference);
    add("megabyte-scan", "pictures by patches or by rows", MegabyteStudies::scan);
    add("megalodon-ema", "complex, real or no moving average", MegalodonStudies::ema);
    add("megalodon-ema-dimension", "modes of the moving average", MegalodonStudies::emaDimension);
    add("megalodon-norm", "timestep, layer or RMS norm", MegalodonStudies::norm);
    add("megalodon-residual", "two-hop residual or pre-norm", MegalodonStudies::residual);
    add("megalodon-chunk-size", "steps that see each other", MegalodonStudies::chunkSize);
    add("megalodon-attention-norm", "normalised attention or not", MegalodonStudies::attentionNorm);
    add("architectures", "all of them, at equal FLOPs", Studies::architectures);
  }

  private Studies() {}

  private static void add(String name, String about, Supplier<StudyBuilder> study) {
    STUDIES.put(name, new Entry(about, () -> study.get().setName(name)));
  }

  /** Returns the names of all studies. */
  public static List<String> names() {
    return List.copyOf(STUDIES.keySet());
  }

  /** Returns what a study asks, in a few words; errors as in {@link #named}. */
  public static String about(String name) {
    return entry(name).about();
  }

  /**
   * Returns a study with everything but its directory set.
   *
   * @throws IllegalArgumentException if there is none of that name, or its data is not there
   */
  public static StudyBuilder named(String name) {
    return entry(name).study().get();
  }

  private static Entry entry(String name) {
    Entry entry = STUDIES.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(
          "there is no study \"" + name + "\"; there are " + names());
    }
    return entry;
  }

  /** A study at notebook size; windows begin at multiples of the stride. */
  static StudyBuilder study(ModelConfig base, Dataset data, int steps, int stride) {
    return Study.builder()
        .setBase(base)
        .setData(data)
        .setTraining(
            TrainingConfig.builder()
                .setSteps(steps)
                .optBatchSize(BATCH)
                .optLearningRate(2e-3)
                .optWarmupSteps(steps / 5)
                .optWindowStride(stride)
                .build())
        .optSeeds(SEEDS);
  }

  /** A study of novels. */
  static StudyBuilder text(ModelConfig base, int steps) {
    return study(base, LearningTask.named("books").data(), steps, 1);
  }

  private static StudyBuilder architectures() {
    StudyBuilder study =
        text(MegabyteConfig.preset("tiny"), MegabyteStudies.STEPS)
            .optEqual(Budget.Kind.FLOPS)
            .optSeeds(1)
            .optBaseArm("megabyte");
    ModelConfig.presets()
        .forEach(
            (name, presets) -> {
              if (presets.contains("tiny")) {
                ModelConfig model = ModelConfig.preset(name, "tiny").withContextLength(WINDOW);
                study.addArm(Arm.of(name, trial -> trial.withModel(model)));
              }
            });
    return study;
  }
}
