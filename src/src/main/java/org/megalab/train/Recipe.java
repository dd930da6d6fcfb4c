package org.megalab.train;

/**
 * How the papers train their language models: optimizer, schedule, clipping and decay. Batch sizes
 * and learning rates are those of the papers' models, some of them of billions of parameters; small
 * models want larger learning rates.
 *
 * <pre>
 * TrainingConfig config = Recipe.MEGALODON.builder(2000).optLearningRate(1e-3).build();
 * </pre>
 */
public enum Recipe {
  /** MEGABYTE (Yu et al. 2023, appendix): a line to zero after 500 updates of warm-up. */
  MEGABYTE(2e-4, 500, TrainingConfig.Decay.LINEAR, 0, 0.98, 1e-8, 0.1, 1, 48),
  /** The community's MEGABYTE on enwik8: plain Adam, no schedule, four times four windows. */
  COMMUNITY_MEGABYTE(2e-4, 0, TrainingConfig.Decay.CONSTANT, 1, 0.999, 1e-8, 0, 0.5, 16),
  /** MEGALODON (Ma et al. 2024, section 4.1), its 7B model. */
  MEGALODON(3.5e-4, 2500, TrainingConfig.Decay.COSINE, 0.01, 0.95, 1e-8, 0.1, 1, 128),
  /** MEGA (Ma et al. 2022, appendix), its language models. */
  MEGA(5e-3, 24_000, TrainingConfig.Decay.LINEAR, 0, 0.98, 1e-8, 0.1, 1, 8),
  /** Llama 2 (Touvron et al. 2023, section 2.2), its 7B and 13B models. */
  LLAMA(3e-4, 2000, TrainingConfig.Decay.COSINE, 0.1, 0.95, 1e-5, 0.1, 1, 1024),
  /** Transformer-XL (Dai et al. 2019), its base models. */
  TRANSFORMER_XL(2.5e-4, 0, TrainingConfig.Decay.COSINE, 0, 0.999, 1e-8, 0, 0.25, 22),
  /** S4 and S4D (Gu et al. 2022): state parameters learn with at most 0.001. */
  S4D(0.01, 0, TrainingConfig.Decay.COSINE, 0, 0.999, 1e-8, 0.01, 0, 50);

  /** Warm-up takes at most this part of a shorter training. */
  private static final int WARMUP_SHARE = 10;

  private final double learningRate;
  private final int warmupSteps;
  private final TrainingConfig.Decay decay;
  private final double finalLearningRate;
  private final double beta2;
  private final double epsilon;
  private final double weightDecay;
  private final double gradientClip;
  private final int batchSize;

  Recipe(
      double learningRate,
      int warmupSteps,
      TrainingConfig.Decay decay,
      double finalLearningRate,
      double beta2,
      double epsilon,
      double weightDecay,
      double gradientClip,
      int batchSize) {
    this.learningRate = learningRate;
    this.warmupSteps = warmupSteps;
    this.decay = decay;
    this.finalLearningRate = finalLearningRate;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    this.gradientClip = gradientClip;
    this.batchSize = batchSize;
  }

  /**
   * Returns a builder with the recipe's values, of which any can be changed. The warm-up is the
   * recipe's, but at most a tenth of the steps.
   *
   * @param steps the number of updates
   */
  public TrainingConfig.Builder builder(int steps) {
    boolean plain = this == COMMUNITY_MEGABYTE || this == TRANSFORMER_XL;
    boolean everything = this == MEGABYTE || this == MEGALODON;
    return TrainingConfig.builder()
        .setSteps(steps)
        .optBatchSize(batchSize)
        .optMicroBatchSize(this == COMMUNITY_MEGABYTE ? 4 : 0)
        .optLearningRate(learningRate)
        .optWarmupSteps(Math.min(warmupSteps, steps / WARMUP_SHARE))
        .optDecay(decay)
        .optFinalLearningRate(finalLearningRate)
        .optOptimizer(
            plain ? TrainingConfig.OptimizerKind.ADAM : TrainingConfig.OptimizerKind.ADAMW)
        .optBeta2(beta2)
        .optEpsilon(epsilon)
        .optWeightDecay(weightDecay)
        .optWeightDecayOf(
            everything ? TrainingConfig.WeightDecay.ALL : TrainingConfig.WeightDecay.MATRICES)
        .optGradientClip(gradientClip)
        .optCarryState(this == TRANSFORMER_XL);
  }
}
