package org.megalab.bench;

import ai.djl.Device;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.Split;
import org.megalab.evaluate.Measurement;
import org.megalab.evaluate.Peak;
import org.megalab.evaluate.TrainingThroughput;
import org.megalab.json.ConfigException;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Precision;

/**
 * How training steps are measured.
 *
 * @param data the corpus whose random windows are read, as in training; {@code random} for random
 *     bytes, so that the difference is what reading costs
 * @param precision what the model computes in
 * @param recomputeLayers the layers that are computed again together in the backward pass; 0 to
 *     keep all activations
 * @param lossSlice the steps of a window whose logits exist at a time; 0 for all
 * @param warmUp the steps that are not measured
 * @param steps the steps that are
 */
public record StepSettings(
    String data, Precision precision, int recomputeLayers, int lossSlice, int warmUp, int steps) {

  /** The name of the data that is none. */
  public static final String RANDOM = "random";

  /** Random bytes in float32, all activations kept; 2 steps of warm-up and 10 that count. */
  public static final StepSettings USUAL = new StepSettings(RANDOM, Precision.FLOAT32, 0, 0, 2, 10);

  /**
   * Checks the numbers.
   *
   * @throws ConfigException naming the one that is out of range
   */
  public StepSettings {
    ConfigException.check(
        recomputeLayers >= 0, "recomputeLayers must not be negative, got %d", recomputeLayers);
    ConfigException.check(lossSlice >= 0, "lossSlice must not be negative, got %d", lossSlice);
    ConfigException.check(warmUp >= 0, "warmUp must not be negative, got %d", warmUp);
    ConfigException.check(steps > 0, "steps must be positive, got %d", steps);
  }

  /** What came of a measurement: figures, the time of the whole loop, or why there are none. */
  record Attempt(TrainingThroughput figures, Measurement loop, String error) {}

  /** Returns the training split of the data; null for random bytes. */
  @Nullable Split split() {
    return data.equals(RANDOM) ? null : Corpus.named(data).train();
  }

  /** Returns what products of matrices reach in this precision. */
  Peak peak(Device device) {
    return Peak.measured(device, precision == Precision.BFLOAT16 ? "bf16" : "fp32");
  }

  /**
   * Measures the steps of a model. What fails on the way, such as for want of memory, is the result
   * too, so that the other models are measured nevertheless.
   *
   * @param loop whether a training run is measured too
   * @throws IllegalArgumentException if model and settings do not fit
   * @throws CancellationException if the thread was interrupted
   */
  Attempt attempt(
      BenchmarkModel model, int batch, int length, @Nullable Split split, Peak peak, boolean loop) {
    precision.requireAvailable(model.device());
    TrainingThroughput figures = nothing(model, batch, length, peak);
    try {
      figures = model.measure(m -> measure(m, batch, length, split, peak));
      Measurement whole =
          loop
              ? model.measure(m -> TrainingLoop.measure(m, batch, length, split, this))
              : Measurement.NONE;
      return new Attempt(figures, whole, "");
    } catch (IllegalArgumentException | CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return new Attempt(figures, Measurement.NONE, reason);
    }
  }

  private static TrainingThroughput nothing(
      BenchmarkModel model, int batch, int length, Peak peak) {
    return new TrainingThroughput(
        model.config().architecture(),
        batch,
        length,
        0,
        Measurement.NONE,
        TrainingThroughput.Parts.NONE,
        model.config().flops(length).training(),
        peak,
        Double.NaN);
  }

  private TrainingThroughput measure(
      SequenceModel model, int batch, int length, @Nullable Split split, Peak peak) {
    var measurement =
        TrainingThroughput.builder()
            .setModel(model)
            .setBatchSize(batch)
            .optLength(length)
            .optPrecision(precision)
            .optRecomputeLayers(recomputeLayers)
            .optLossSlice(lossSlice)
            .optWarmUp(warmUp)
            .optSteps(steps)
            .optPeak(peak)
            .optListener(BenchmarkProgress.listener());
    if (split != null) {
      measurement.optData(split);
    }
    return measurement.build().run();
  }
}
