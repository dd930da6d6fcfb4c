package org.megalab.train;

import ai.djl.ndarray.NDArray;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.megalab.model.TrainableModel;
import org.megalab.torchscript.Tensors;

/**
 * The updates of a run: gradients, optimizer and average. They are handed to the device one after
 * the other, and what they came to is asked for later.
 */
final class Updates implements AutoCloseable {

  private final TrainableModel model;
  private final TrainingConfig config;
  private final Checkpoints checkpoints;
  private final Optimizer optimizer;
  private final Gradients gradients;
  private final @Nullable WeightAverage average;
  private final Schedule schedule;

  /** The updates handed over whose numbers are not known yet, the oldest first. */
  private final Deque<Update> underWay = new ArrayDeque<>();

  /** Prepares the updates; what they keep from step to step is added to the checkpoints. */
  Updates(TrainableModel model, TrainingConfig config, Checkpoints checkpoints) {
    this.model = model;
    this.config = config;
    this.checkpoints = checkpoints;
    schedule = Schedule.of(config);
    optimizer = new Optimizer(model, config);
    average = config.averageDecay() > 0 ? new WeightAverage(model, config.averageDecay()) : null;
    gradients = new Gradients(model, config);
    checkpoints.add(Checkpoint.OPTIMIZER, optimizer::save, optimizer::load);
    if (average != null) {
      checkpoints.add(Checkpoint.AVERAGE, average::save, average::load);
    }
  }

  /** Hands the update of a step over. */
  void handOver(Task.Batch batch, long step) {
    double learningRate = schedule.learningRate(step);
    boolean updating = false;
    try (Gradients.Cost cost = gradients.backward(batch, step)) {
      updating = true;
      try (NDArray norm = optimizer.update(learningRate, cost.parts())) {
        if (average != null) {
          average.update(); // of parameters that are finite, whatever the norm turns out to be
        }
        underWay.add(Update.of(batch, learningRate, cost, norm));
      }
    } catch (RuntimeException e) {
      throw failed(e, batch, step, updating);
    }
  }

  /** Returns how many were handed over and not taken. */
  int underWay() {
    return underWay.size();
  }

  /** Takes the oldest that is under way; the caller closes it. */
  Update take() {
    return underWay.remove();
  }

  /** Exchanges the parameters and their average, where there is one. */
  void swapAverage() {
    if (average != null) {
      average.swap();
    }
  }

  /** Frees memory that is kept for the next updates; returns whether there was any. */
  boolean release() {
    return gradients.release();
  }

  /** Lets go of what a step without enough memory left behind, and says what to do about it. */
  private RuntimeException failed(
      RuntimeException failure, Task.Batch batch, long step, boolean updating) {
    String standing =
        updating
            ? "Some parameters are updated and others not"
            : "The parameters are those of step " + step;
    RuntimeException explained =
        MemoryAdvice.ofStep(
            failure,
            model,
            config,
            batch,
            standing + ", the checkpoint of step " + checkpoints.newestStep() + " stands");
    if (explained != failure) {
      Tensors.releaseUnused(model.device());
      try {
        optimizer.discardGradients();
      } catch (RuntimeException e) { // no memory for those that there were none of
        explained.addSuppressed(e);
      }
    }
    return explained;
  }

  /** Says what an update behind so many steps was about whose numbers are not finite. */
  TrainingException notFinite(Update update, Update.Numbers numbers, long steps) {
    return new TrainingException(
        String.format(
            Locale.ROOT,
            "at step %d the loss is %s and the norm of the gradients %s; the parameters are those of the"
                + " step before, and the checkpoint of step %d stands. %s. The learning rate was %.2e: try"
                + " a smaller one, a longer warm-up, or a smaller gradientClip",
            steps + 1,
            numbers.loss(),
            numbers.norm(),
            checkpoints.newestStep(),
            gradients.diagnose(update.batch(), steps, optimizer),
            update.learningRate()));
  }

  @Override
  public void close() {
    underWay.forEach(Update::close);
    gradients.close();
    optimizer.close();
    if (average != null) {
      average.close();
    }
  }
}
