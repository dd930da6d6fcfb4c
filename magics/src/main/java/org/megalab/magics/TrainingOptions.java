package org.megalab.magics;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Precision;
import org.megalab.train.Recipe;
import org.megalab.train.TrainingConfig;
import picocli.CommandLine.Option;

/** The options of a training's configuration. */
final class TrainingOptions {

  @Option(names = "--steps", description = "The updates. Needed unless a run is resumed.")
  private @Nullable Integer steps;

  @Option(
      names = "--recipe",
      description = "A paper's values for what is not said: ${COMPLETION-CANDIDATES}.")
  private @Nullable Recipe recipe;

  @Option(names = "--batch-size", description = "The windows of an update. Default: 16.")
  private @Nullable Integer batchSize;

  @Option(names = "--window-length", description = "The bytes of a window. Default: the context.")
  private @Nullable Integer windowLength;

  @Option(names = "--learning-rate", description = "The peak. Default: 1e-3.")
  private @Nullable Double learningRate;

  @Option(names = "--warmup-steps", description = "Default: a tenth of the steps, 100 to 500.")
  private @Nullable Integer warmupSteps;

  @Option(
      names = "--decay",
      description = "After the peak: ${COMPLETION-CANDIDATES}. Default: cosine.")
  private TrainingConfig.@Nullable Decay decay;

  @Option(names = "--optimizer", description = "${COMPLETION-CANDIDATES}. Default: adamw.")
  private TrainingConfig.@Nullable OptimizerKind optimizer;

  @Option(names = "--precision", description = "${COMPLETION-CANDIDATES}. Default: float32.")
  private @Nullable Precision precision;

  @Option(
      names = "--micro-batch-size",
      description = "The windows of one pass; gradients add up to an update's. Default: all.")
  private @Nullable Integer microBatchSize;

  @Option(
      names = "--recompute-layers",
      description = "Computes activations again, so many layers at a time. Default: keeps them.")
  private @Nullable Integer recomputeLayers;

  @Option(
      names = "--loss-slice",
      description = "The steps of a window whose logits exist at a time. Default: all.")
  private @Nullable Integer lossSlice;

  @Option(
      names = "--carry-state",
      description = "Windows follow each other through whole documents, with the model's state.")
  private boolean carryState;

  @Option(
      names = "--average-decay",
      description = "Averages the weights, such as 0.999. Default: does not.")
  private @Nullable Double averageDecay;

  @Option(names = "--weight-decay", description = "Default: 0.1.")
  private @Nullable Double weightDecay;

  @Option(names = "--gradient-clip", description = "The largest global norm. Default: 1.")
  private @Nullable Double gradientClip;

  @Option(
      names = "--evaluate-every",
      description = "Updates between evaluations. Default: at the end.")
  private @Nullable Integer evaluateEvery;

  @Option(
      names = "--checkpoint-every",
      description = "Updates between checkpoints. Default: at the end.")
  private @Nullable Integer checkpointEvery;

  @Option(names = "--seed", description = "Decides batches and dropout. Default: 1.")
  private @Nullable Long seed;

  /** Hands over an option that was given. */
  private static <T> void given(@Nullable T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }

  /**
   * Returns the configuration.
   *
   * @throws IllegalArgumentException if values are wrong, or the number of steps is not said
   */
  TrainingConfig config() {
    if (steps == null) {
      throw new IllegalArgumentException("say how long to train, such as --steps 500");
    }
    TrainingConfig.Builder config =
        recipe == null ? TrainingConfig.builder().setSteps(steps) : recipe.builder(steps);
    given(batchSize, config::optBatchSize);
    given(windowLength, config::optWindowLength);
    given(learningRate, config::optLearningRate);
    given(warmupSteps, config::optWarmupSteps);
    given(decay, config::optDecay);
    given(optimizer, config::optOptimizer);
    given(precision, config::optPrecision);
    given(microBatchSize, config::optMicroBatchSize);
    given(recomputeLayers, config::optRecomputeLayers);
    given(lossSlice, config::optLossSlice);
    if (carryState) {
      config.optCarryState(true);
    }
    given(averageDecay, config::optAverageDecay);
    given(weightDecay, config::optWeightDecay);
    given(gradientClip, config::optGradientClip);
    given(evaluateEvery, config::optEvaluateEvery);
    given(checkpointEvery, config::optCheckpointEvery);
    given(seed, config::optSeed);
    return config.build();
  }
}
