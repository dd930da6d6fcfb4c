package org.megalab.train;

import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import org.megalab.torchscript.Precision;

/**
 * How a model is trained.
 *
 * @param steps the number of optimizer updates
 * @param batchSize the windows of an update
 * @param windowLength the bytes of a window; 0 for the model's context
 * @param windowStride windows begin at multiples of it in their documents: 1 anywhere; the bytes of
 *     a sample or of a patch for sound and pictures
 * @param learningRate the peak of the {@link Schedule}
 * @param warmupSteps the updates over which the learning rate rises from zero
 * @param decay how the learning rate goes on from its peak
 * @param finalLearningRate where cosine and line end, as a fraction of the peak
 * @param optimizer how the parameters are updated from their gradients
 * @param beta1 the decay of Adam's mean of gradients; the momentum of SGD
 * @param beta2 the decay of Adam's mean of squares
 * @param epsilon Adam's denominator term
 * @param weightDecay λ
 * @param weightDecayOf what decays
 * @param gradientClip the largest global norm of the gradients; 0 for no limit
 * @param microBatchSize the windows of one forward and backward pass: an update adds up the
 *     gradients of its windows so many at a time; 0 for all at once
 * @param precision what the model computes in; parameters and optimizer are in float32 always
 * @param recomputeLayers the layers of a stack whose activations are computed again in the backward
 *     pass instead of being kept, as one segment; 0 to keep all
 * @param lossSlice the steps of a window whose logits exist at a time; 0 for all
 * @param carryState whether windows follow each other through whole documents with the state that
 *     the model carries, instead of being random
 * @param averageDecay the decay of an average of the parameters, which evaluations and the finished
 *     model take; 0 for none
 * @param evaluateEvery the updates between evaluations on the validation split; 0 for the end only
 * @param checkpointEvery the updates between checkpoints; 0 for the end only
 * @param keepCheckpoints how many of the newest checkpoints stay
 * @param keepBest whether the checkpoint of the best evaluation is written and stays too
 * @param seed decides batches and dropout
 */
public record TrainingConfig(
    int steps,
    int batchSize,
    int windowLength,
    int windowStride,
    double learningRate,
    int warmupSteps,
    Decay decay,
    double finalLearningRate,
    OptimizerKind optimizer,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    WeightDecay weightDecayOf,
    double gradientClip,
    int microBatchSize,
    Precision precision,
    int recomputeLayers,
    int lossSlice,
    boolean carryState,
    double averageDecay,
    int evaluateEvery,
    int checkpointEvery,
    int keepCheckpoints,
    boolean keepBest,
    long seed) {

  /** How the learning rate goes on from its peak; {@link Schedule} has the formulas. */
  public enum Decay {
    /** Half a cosine. */
    COSINE,
    /** A line. */
    LINEAR,
    /** Not at all. */
    CONSTANT,
    /** With the inverse square root of the updates. */
    INVERSE_SQRT
  }

  /** How parameters are updated from their gradients. */
  public enum OptimizerKind {
    /** Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019). */
    ADAMW,
    /** Adam with weight decay as part of the gradient (Kingma and Ba 2015). */
    ADAM,
    /** Gradient descent with momentum. */
    SGD
  }

  /** What decays. */
  public enum WeightDecay {
    /**
     * Parameters of two and more axes (matrices, embeddings), without those of recurrences; vectors
     * (biases, norms) do not.
     */
    MATRICES,
    /** All parameters, as in MEGALODON's code, and recurrences learn as fast as all others. */
    ALL
  }

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the value that is out of range
   */
  public TrainingConfig {
    ConfigException.check(steps > 0, "steps must be positive, got %d", steps);
    ConfigException.check(batchSize > 0, "batchSize must be positive, got %d", batchSize);
    ConfigException.check(
        windowLength >= 0, "windowLength must not be negative, got %d", windowLength);
    ConfigException.check(windowStride > 0, "windowStride must be positive, got %d", windowStride);
    ConfigException.check(
        learningRate > 0 && Double.isFinite(learningRate),
        "learningRate must be positive and finite, got %s",
        learningRate);
    ConfigException.check(
        warmupSteps >= 0 && warmupSteps <= steps,
        "warmupSteps must be between 0 and steps = %d, got %d",
        steps,
        warmupSteps);
    fraction("finalLearningRate", finalLearningRate, true);
    fraction("beta1", beta1, false);
    fraction("beta2", beta2, false);
    ConfigException.check(
        epsilon > 0 && Double.isFinite(epsilon),
        "epsilon must be positive and finite, got %s",
        epsilon);
    notNegative("weightDecay", weightDecay);
    notNegative("gradientClip", gradientClip);
    ConfigException.check(
        microBatchSize >= 0 && microBatchSize <= batchSize,
        "microBatchSize must be between 0 (all at once) and batchSize = %d, got %d",
        batchSize,
        microBatchSize);
    ConfigException.check(
        recomputeLayers >= 0, "recomputeLayers must not be negative, got %d", recomputeLayers);
    ConfigException.check(lossSlice >= 0, "lossSlice must not be negative, got %d", lossSlice);
    ConfigException.check(
        !carryState || windowStride == 1,
        "carryState reads documents window after window; leave windowStride = %d out",
        windowStride);
    fraction("averageDecay", averageDecay, false);
    ConfigException.check(
        evaluateEvery >= 0, "evaluateEvery must not be negative, got %d", evaluateEvery);
    ConfigException.check(
        checkpointEvery >= 0, "checkpointEvery must not be negative, got %d", checkpointEvery);
    ConfigException.check(
        keepCheckpoints > 0, "keepCheckpoints must be positive, got %d", keepCheckpoints);
  }

  private static void notNegative(String key, double value) {
    ConfigException.check(
        value >= 0 && Double.isFinite(value),
        "%s must not be negative, and finite, got %s",
        key,
        value);
  }

  private static void fraction(String key, double value, boolean one) {
    ConfigException.check(
        value >= 0 && (one ? value <= 1 : value < 1),
        "%s must be at least 0 and %s 1, got %s",
        key,
        one ? "at most" : "below",
        value);
  }

  /** Returns the text form, which {@link #fromJson} reads back to an equal configuration. */
  public String toJson() {
    return RecordJson.write(this);
  }

  /**
   * Reads the text form.
   *
   * @throws ConfigException if the text is malformed, a key is unknown, or a value out of range
   */
  public static TrainingConfig fromJson(String json) {
    return RecordJson.read(RecordJson.parse(json), TrainingConfig.class);
  }

  private static int defaultWarmup(int steps) {
    return Math.min(steps / 3, Math.max(100, Math.min(500, steps / 10)));
  }

  /** Returns a builder with defaults that suit small models. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .setSteps(steps)
        .optBatchSize(batchSize)
        .optWindowLength(windowLength)
        .optWindowStride(windowStride)
        .optLearningRate(learningRate)
        .optWarmupSteps(warmupSteps)
        .optDecay(decay)
        .optFinalLearningRate(finalLearningRate)
        .optOptimizer(optimizer)
        .optBeta1(beta1)
        .optBeta2(beta2)
        .optEpsilon(epsilon)
        .optWeightDecay(weightDecay)
        .optWeightDecayOf(weightDecayOf)
        .optGradientClip(gradientClip)
        .optMicroBatchSize(microBatchSize)
        .optPrecision(precision)
        .optRecomputeLayers(recomputeLayers)
        .optLossSlice(lossSlice)
        .optCarryState(carryState)
        .optAverageDecay(averageDecay)
        .optEvaluateEvery(evaluateEvery)
        .optCheckpointEvery(checkpointEvery)
        .optKeepCheckpoints(keepCheckpoints)
        .optKeepBest(keepBest)
        .optSeed(seed);
  }

  /** Collects the values. */
  public static final class Builder {
    private int steps;
    private int batchSize = 16;
    private int windowLength;
    private int windowStride = 1;
    private double learningRate = 1e-3;
    private int warmupSteps = -1;
    private Decay decay = Decay.COSINE;
    private double finalLearningRate = 0.1;
    private OptimizerKind optimizer = OptimizerKind.ADAMW;
    private double beta1 = 0.9;
    private double beta2 = 0.98;
    private double epsilon = 1e-8;
    private double weightDecay = 0.1;
    private WeightDecay weightDecayOf = WeightDecay.MATRICES;
    private double gradientClip = 1;
    private int microBatchSize;
    private Precision precision = Precision.FLOAT32;
    private int recomputeLayers;
    private int lossSlice;
    private boolean carryState;
    private double averageDecay;
    private int evaluateEvery;
    private int checkpointEvery = -1;
    private int keepCheckpoints = 2;
    private boolean keepBest = true;
    private long seed = 1;

    private Builder() {}

    /** Sets the number of updates. */
    public Builder setSteps(int steps) {
      this.steps = steps;
      return this;
    }

    /** Sets the windows of an update; 16 when not set. */
    public Builder optBatchSize(int batchSize) {
      this.batchSize = batchSize;
      return this;
    }

    /** Sets the bytes of a window; the model's context when not set. */
    public Builder optWindowLength(int windowLength) {
      this.windowLength = windowLength;
      return this;
    }

    /** Sets of what windows begin at multiples; anywhere when not set. */
    public Builder optWindowStride(int windowStride) {
      this.windowStride = windowStride;
      return this;
    }

    /** Sets the peak learning rate; 1e-3 when not set. */
    public Builder optLearningRate(double learningRate) {
      this.learningRate = learningRate;
      return this;
    }

    /**
     * Sets the updates of warm-up; when not set a tenth of the steps, but at least 100 and at most
     * 500, and never more than a third of the steps.
     */
    public Builder optWarmupSteps(int warmupSteps) {
      ConfigException.check(
          warmupSteps >= 0, "warmupSteps must not be negative, got %d", warmupSteps);
      this.warmupSteps = warmupSteps;
      return this;
    }

    /** Sets how the learning rate goes on from its peak; by half a cosine when not set. */
    public Builder optDecay(Decay decay) {
      this.decay = decay;
      return this;
    }

    /** Sets where cosine and line end, as a fraction of the peak; 0.1 when not set. */
    public Builder optFinalLearningRate(double finalLearningRate) {
      this.finalLearningRate = finalLearningRate;
      return this;
    }

    /** Sets how the parameters are updated; AdamW when not set. */
    public Builder optOptimizer(OptimizerKind optimizer) {
      this.optimizer = optimizer;
      return this;
    }

    /** Sets the decay of the mean of gradients, or the momentum; 0.9 when not set. */
    public Builder optBeta1(double beta1) {
      this.beta1 = beta1;
      return this;
    }

    /** Sets the decay of the mean of squares; 0.98 when not set. */
    public Builder optBeta2(double beta2) {
      this.beta2 = beta2;
      return this;
    }

    /** Sets the denominator term; 1e-8 when not set. */
    public Builder optEpsilon(double epsilon) {
      this.epsilon = epsilon;
      return this;
    }

    /** Sets the weight decay; 0.1 when not set. */
    public Builder optWeightDecay(double weightDecay) {
      this.weightDecay = weightDecay;
      return this;
    }

    /** Sets what decays; matrices when not set. */
    public Builder optWeightDecayOf(WeightDecay weightDecayOf) {
      this.weightDecayOf = weightDecayOf;
      return this;
    }

    /** Sets the largest global norm of the gradients; 1 when not set, 0 for no limit. */
    public Builder optGradientClip(double gradientClip) {
      this.gradientClip = gradientClip;
      return this;
    }

    /** Sets the windows of one forward and backward pass; all of the update when not set. */
    public Builder optMicroBatchSize(int microBatchSize) {
      this.microBatchSize = microBatchSize;
      return this;
    }

    /** Sets what the model computes in; float32 when not set. */
    public Builder optPrecision(Precision precision) {
      this.precision = precision;
      return this;
    }

    /**
     * Sets the layers of a segment whose activations are computed again; all are kept when not set.
     */
    public Builder optRecomputeLayers(int recomputeLayers) {
      this.recomputeLayers = recomputeLayers;
      return this;
    }

    /** Sets the steps whose logits exist at a time; all when not set. */
    public Builder optLossSlice(int lossSlice) {
      this.lossSlice = lossSlice;
      return this;
    }

    /** Sets whether windows go through whole documents with a carried state; not when not set. */
    public Builder optCarryState(boolean carryState) {
      this.carryState = carryState;
      return this;
    }

    /** Sets the decay of the average of the parameters, such as 0.999; no average when not set. */
    public Builder optAverageDecay(double averageDecay) {
      this.averageDecay = averageDecay;
      return this;
    }

    /** Sets the updates between evaluations; at the end only when not set. */
    public Builder optEvaluateEvery(int evaluateEvery) {
      this.evaluateEvery = evaluateEvery;
      return this;
    }

    /**
     * Sets the updates between checkpoints; a tenth of the steps, at least 100, when not set, and 0
     * for one at the end only.
     */
    public Builder optCheckpointEvery(int checkpointEvery) {
      ConfigException.check(
          checkpointEvery >= 0, "checkpointEvery must not be negative, got %d", checkpointEvery);
      this.checkpointEvery = checkpointEvery;
      return this;
    }

    /** Sets how many of the newest checkpoints stay; 2 when not set. */
    public Builder optKeepCheckpoints(int keepCheckpoints) {
      this.keepCheckpoints = keepCheckpoints;
      return this;
    }

    /** Sets whether the checkpoint of the best evaluation stays; true when not set. */
    public Builder optKeepBest(boolean keepBest) {
      this.keepBest = keepBest;
      return this;
    }

    /** Sets the seed; 1 when not set. */
    public Builder optSeed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws ConfigException if a value is missing or out of range
     */
    public TrainingConfig build() {
      return new TrainingConfig(
          steps,
          batchSize,
          windowLength,
          windowStride,
          learningRate,
          warmupSteps < 0 ? defaultWarmup(steps) : warmupSteps,
          decay,
          finalLearningRate,
          optimizer,
          beta1,
          beta2,
          epsilon,
          weightDecay,
          weightDecayOf,
          gradientClip,
          microBatchSize,
          precision,
          recomputeLayers,
          lossSlice,
          carryState,
          averageDecay,
          evaluateEvery,
          checkpointEvery < 0 ? Math.max(100, steps / 10) : checkpointEvery,
          keepCheckpoints,
          keepBest,
          seed);
    }
  }
}
