package org.megalab.experiment;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.megalab.json.ConfigException;
import org.megalab.train.TrainingConfig;

/**
 * What every arm of a study may spend.
 *
 * <pre>
 * bytes   steps = bytes / (batch size · window)
 * FLOPs   steps = FLOPs / (batch size · window · training FLOPs a byte)    {@link org.megalab.model.Flops#training}
 * seconds the first step that ends beyond them is the last
 * </pre>
 *
 * Steps are rounded to the nearest, at least one; the warm-up keeps its share of them, so that
 * every arm runs through its whole schedule. With seconds nobody knows the last step before: the
 * training's own number of steps is the limit and decides the schedule, which is cut off where the
 * time is up; take a constant learning rate or as many steps as will do. Only training counts:
 * evaluations and checkpoints are free.
 *
 * <p>The common mistake is to compare equal steps of arms with other windows or batches: they have
 * read other numbers of bytes.
 *
 * @param kind what is limited
 * @param amount how much of it
 */
public record Budget(Kind kind, double amount) {

  /** What is limited. */
  public enum Kind {
    /** Updates. */
    STEPS,
    /** Bytes trained on. */
    BYTES,
    /** Seconds of training. */
    SECONDS,
    /** Floating-point operations of training by the formulas of the papers. */
    FLOPS;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Checks the amount.
   *
   * @throws ConfigException unless it is positive and finite
   */
  public Budget {
    ConfigException.check(
        amount > 0 && Double.isFinite(amount),
        "a budget of %s must be positive and finite, got %s",
        kind.key(),
        amount);
  }

  /** So many updates. */
  public static Budget steps(int steps) {
    return new Budget(Kind.STEPS, steps);
  }

  /** So many bytes to train on. */
  public static Budget bytes(long bytes) {
    return new Budget(Kind.BYTES, (double) bytes);
  }

  /** So many seconds of training. */
  public static Budget seconds(double seconds) {
    return new Budget(Kind.SECONDS, seconds);
  }

  /** So many floating-point operations, forward and backward. */
  public static Budget flops(double flops) {
    return new Budget(Kind.FLOPS, flops);
  }

  /** Returns the same kind of budget, so many times as large. */
  public Budget times(double factor) {
    return new Budget(kind, amount * factor);
  }

  /** Returns the trial with as many steps as the budget pays. */
  Trial applyTo(Trial trial) {
    return switch (kind) {
      case STEPS -> withSteps(trial, amount);
      case BYTES -> withSteps(trial, amount / trial.bytesPerStep());
      case FLOPS ->
          withSteps(trial, amount / (trial.bytesPerStep() * trial.trainingFlopsPerByte()));
      case SECONDS -> trial;
    };
  }

  private static Trial withSteps(Trial trial, double amount) {
    TrainingConfig training = trial.training();
    ConfigException.check(
        amount <= Integer.MAX_VALUE,
        "the budget pays %.3g steps of %.0f bytes, more than there can be; take a smaller one",
        amount,
        trial.bytesPerStep());
    int steps = Math.max(1, (int) Math.round(amount));
    double share = (double) training.warmupSteps() / training.steps();
    return trial.withTraining(
        training.toBuilder()
            .setSteps(steps)
            .optWarmupSteps((int) Math.min(steps, Math.round(share * steps)))
            .build());
  }

  /** Returns the seconds after which training ends. */
  double secondsLimit() {
    return kind == Kind.SECONDS ? amount : Double.POSITIVE_INFINITY;
  }

  /** Returns the text form, such as <code>{"bytes": 2000000}</code>. */
  JsonObject tree() {
    JsonObject tree = new JsonObject();
    if (amount == Math.rint(amount) && amount < 1e15) {
      tree.addProperty(kind.key(), Math.round(amount));
    } else {
      tree.addProperty(kind.key(), amount);
    }
    return tree;
  }

  /** Reads the text form, of what has the key. */
  static Budget read(JsonElement json, String key) {
    if (json.isJsonObject() && json.getAsJsonObject().size() == 1) {
      Map.Entry<String, JsonElement> entry = json.getAsJsonObject().entrySet().iterator().next();
      for (Kind kind : Kind.values()) {
        if (kind.key().equals(entry.getKey())
            && entry.getValue().isJsonPrimitive()
            && entry.getValue().getAsJsonPrimitive().isNumber()) {
          return new Budget(kind, entry.getValue().getAsDouble());
        }
      }
    }
    throw new ConfigException(
        key
            + " must be an object with one number, of "
            + Arrays.stream(Kind.values()).map(Kind::key).toList()
            + ", got "
            + json);
  }
}
