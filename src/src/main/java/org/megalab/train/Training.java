package org.megalab.train;

import ai.djl.Device;
import com.google.gson.JsonObject;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Dataset;
import org.megalab.data.ExampleSet;
import org.megalab.interop.ModelFile;
import org.megalab.model.TrainableModel;
import org.megalab.torchscript.DeviceMemoryException;
import org.megalab.torchscript.Readback;

/**
 * The training loop of every model: batches of the training split, the mean cost of what counts in
 * them, an optimizer.
 *
 * <pre>
 * Run run = Training.builder()
 *     .setModel(model).setData(Corpus.shipped("books"))
 *     .setConfig(TrainingConfig.builder().setSteps(500).build())
 *     .setDirectory(Path.of("runs/first"))
 *     .build().run();
 * </pre>
 *
 * <p>On a corpus a sequence model learns every byte of random windows; with {@code carryState}
 * every byte of whole documents, window after window, with the state that it carries and gradients
 * inside of each window (truncated backpropagation through time). On an {@link ExampleSet} it
 * learns the answers, and a classifier the classes.
 *
 * <p>A GPU has the next update under way when the numbers of one are told, so that it does not wait
 * for Java; but never when the model is evaluated or written.
 *
 * <p>An interrupt of the thread ends the run after what is under way: the checkpoint is written,
 * the model is usable, and {@link #resume} goes on from there. On a CPU a resumed run gives the
 * same metrics, bit for bit, as one that was never stopped, also when its process was killed:
 * batches and dropout depend on the seed and the step alone, and sums on the number of threads.
 */
public final class Training {

  private static volatile Supplier<TrainingListener> defaultListener =
      () -> new TextProgress(System.out, 2);

  private final TrainableModel model;
  private final Task task;
  private final TrainingConfig config;
  private final RunDirectory directory;
  private final TrainingListener listener;
  private final Updates updates;
  private final TrainingClock clock;
  private final Checkpoints checkpoints;

  private Position position;
  private boolean runsAhead;
  private boolean started;
  private boolean interrupted;
  private JsonObject last = new JsonObject();

  /** Starts from a checkpoint, or from the beginning where the step is negative. */
  Training(
      TrainableModel model,
      Task task,
      TrainingConfig config,
      RunDirectory directory,
      TrainingListener listener,
      long resumedStep) {
    this.model = model;
    this.task = task;
    this.config = config;
    this.directory = directory;
    this.listener = listener;
    checkpoints = new Checkpoints(directory, config);
    checkpoints.add(
        Checkpoint.MODEL,
        path -> ModelFile.save(model, path),
        path -> ModelFile.copyInto(path, model));
    updates = new Updates(model, config, checkpoints);
    if (config.carryState()) {
      checkpoints.add(Checkpoint.CARRIED, task::save, task::load);
    }
    try {
      if (resumedStep < 0) {
        position = Position.START;
        checkpoint(); // what a killed process begins with again
        if (interrupted) {
          Thread.currentThread().interrupt(); // for the run to take
        }
      } else {
        position = checkpoints.read(resumedStep);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    clock = new TrainingClock(position.seconds(), position.bytes(), position.step());
  }

  /** Sets what watches runs that name no listener of their own; a notebook shows them live. */
  public static void setDefaultListener(Supplier<TrainingListener> listener) {
    defaultListener = listener;
  }

  static TrainingListener defaultListener() {
    return defaultListener.get();
  }

  /** Returns a builder. */
  public static TrainingBuilder builder() {
    return new TrainingBuilder();
  }

  /**
   * Prepares to go on with a run from its newest checkpoint, with a new model on the CPU.
   *
   * @throws TrainingException if there is no run or no checkpoint, or it is corrupt
   */
  public static Training resume(Path directory, Dataset data) {
    return resume(directory, data, Run.open(directory).newestCheckpoint());
  }

  /**
   * Prepares to go on with a run from one of its checkpoints, with a new model on the CPU; later
   * metrics and checkpoints are dropped.
   *
   * @throws TrainingException if there is no such run or checkpoint, or it is corrupt
   */
  public static Training resume(Path directory, Dataset data, long step) {
    TrainableModel model = Run.open(directory).model().newModel().initialize(Device.cpu(), 0);
    try {
      return resume(directory, data, step, model, defaultListener.get());
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Prepares to go on with a run from one of its checkpoints; later metrics and checkpoints are
   * dropped.
   *
   * @param directory the run
   * @param data what it was started with
   * @param step one of {@link Run#checkpoints()}
   * @param model a model of the run's configuration, on any device; its parameters are overwritten
   * @param listener watches the run
   * @throws TrainingException if the model or the data are others, or the checkpoint is missing or
   *     corrupt; nothing is changed then
   */
  public static Training resume(
      Path directory, Dataset data, long step, TrainableModel model, TrainingListener listener) {
    RunDirectory files = RunDirectory.open(directory);
    Run run = Run.read(files, false);
    if (!run.model().equals(model.config())) {
      throw new TrainingException(
          directory
              + " trains another model than the one given; its configuration is\n"
              + run.model().toJson());
    }
    if (!files.config().get("data").equals(data.description())) {
      throw new TrainingException(
          directory
              + " was started with the data "
              + files.config().get("data")
              + ", not with "
              + data.description());
    }
    Task task = Task.of(model, data, run.training());
    Training training = new Training(model, task, run.training(), files, listener, step);
    files.cutAfter(step);
    return training;
  }

  /** Returns the model that is trained. */
  public TrainableModel model() {
    return model;
  }

  /** Has this training run ahead on a CPU too: a rehearsal. */
  void runAhead() {
    runsAhead = true;
  }

  /**
   * Trains to the last step, or until the thread is interrupted. A training runs once.
   *
   * @return the run; {@link Run#interrupted()} tells how it ended
   * @throws TrainingException if the loss is not finite, or files cannot be written; the parameters
   *     are then those of the last good step
   * @throws DeviceMemoryException if a step does not fit into memory; the model is usable then, and
   *     what the step held is free again
   */
  public Run run() {
    if (started) {
      throw new TrainingException(
          "this training has run already; go on with Training.resume("
              + directory.root()
              + ", data)");
    }
    started = true;
    try (BufferedWriter metrics = directory.appendMetrics()) {
      boolean goOn = evaluateWhatIsDue(metrics);
      while (goOn && position.step() < config.steps()) {
        goOn = step(metrics);
      }
      finishAllBut(0, metrics);
      clock.ends();
      updates.release();
      checkpoint();
      updates.swapAverage();
    } catch (IOException e) {
      throw new TrainingException(
          "the metrics of " + directory.root() + " cannot be written: " + e, e);
    } finally {
      close();
      listener.onEnd(progress());
    }
    Run run = Run.read(directory, position.step() < config.steps() || position.due() != null);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return run;
  }

  private void close() {
    updates.close();
    task.close();
  }

  /**
   * Hands one update over, and finishes it and the one before it, or only the latter where the
   * device can go on meanwhile. Returns false when the thread was interrupted.
   */
  private boolean step(BufferedWriter metrics) throws IOException {
    boolean handedOver;
    try {
      handedOver = handOver();
    } catch (RuntimeException e) {
      finishBehind(e, metrics);
      throw e;
    }
    if (!handedOver || !finishAllBut(mayRunAhead() ? 1 : 0, metrics)) {
      return false;
    }
    takeInterrupt();
    return !interrupted;
  }

  /** Finishes what is under way when the next step has failed. */
  private void finishBehind(RuntimeException failure, BufferedWriter metrics) throws IOException {
    try {
      finishAllBut(0, metrics);
    } catch (RuntimeException | IOException e) {
      e.addSuppressed(failure);
      throw e;
    }
  }

  /** Hands the next update over; returns false when the thread was interrupted before. */
  private boolean handOver() {
    clock.begins();
    long step = position.step() + updates.underWay();
    Task.Batch batch = nextBatch(step);
    if (batch == null) {
      return false;
    }
    updates.handOver(batch, step);
    return true;
  }

  /** Whether nothing keeps the next update from being handed over before the newest is finished. */
  private boolean mayRunAhead() {
    long step = position.step() + updates.underWay();
    return (runsAhead || Readback.isAsynchronous(model.device()))
        && step < config.steps()
        && !evaluationDue(step)
        && !checkpointDue(step);
  }

  /**
   * Finishes the updates under way but the newest few; returns false when the thread was
   * interrupted while it evaluated.
   */
  private boolean finishAllBut(int few, BufferedWriter metrics) throws IOException {
    while (updates.underWay() > few) {
      try (Update update = updates.take()) {
        if (!finish(update, metrics)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Takes what an update came to, and does what is due behind it. */
  private boolean finish(Update update, BufferedWriter metrics) throws IOException {
    Update.Numbers numbers = update.await();
    if (updates.underWay() == 0) {
      clock.ends();
    }
    if (!numbers.areFinite()) {
      throw updates.notFinite(update, numbers, position.step());
    }
    long bytes = update.batch().bytes();
    JsonObject line = new JsonObject();
    line.addProperty("step", position.step() + 1);
    line.addProperty("bytes", position.bytes() + bytes);
    line.addProperty("seconds", Math.round(clock.seconds() * 1000) / 1000.0);
    line.addProperty("learningRate", update.learningRate());
    line.addProperty("trainLoss", numbers.loss());
    line.addProperty("gradientNorm", numbers.norm());
    position = position.next(bytes, clock.seconds(), line);
    if (!evaluateWhatIsDue(metrics)) {
      return false;
    }
    boolean best = config.keepBest() && position.bestStep() == position.step();
    if ((best || checkpointDue(position.step())) && position.step() < config.steps()) {
      checkpoint();
    }
    last = line;
    listener.onStep(progress());
    return true;
  }

  private boolean evaluationDue(long step) {
    return task.evaluates()
        && (step == config.steps()
            || config.evaluateEvery() > 0 && step % config.evaluateEvery() == 0);
  }

  private boolean checkpointDue(long step) {
    return config.checkpointEvery() > 0 && step % config.checkpointEvery() == 0;
  }

  /**
   * Completes the newest line of metrics, with an evaluation where one is due. Returns false when
   * the thread was interrupted: the line then waits in the checkpoint.
   */
  private boolean evaluateWhatIsDue(BufferedWriter metrics) throws IOException {
    JsonObject line = position.due();
    if (line == null) {
      return true;
    }
    Task.Score score = null;
    if (evaluationDue(position.step())) {
      score = evaluate();
      if (score == null) {
        takeInterrupt();
        return false;
      }
      line.addProperty("validationBpb", score.bitsPerByte());
      if (!Double.isNaN(score.accuracy())) {
        line.addProperty("validationAccuracy", score.accuracy());
      }
    }
    metrics.write(line + "\n");
    metrics.flush();
    position = position.evaluated(score);
    return true;
  }

  /** Reads the batch of a step, or returns null when the thread was interrupted meanwhile. */
  private Task.@Nullable Batch nextBatch(long step) {
    try {
      return task.batch(step);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof ClosedByInterruptException) {
        takeInterrupt();
        return null;
      }
      throw e;
    }
  }

  /** Evaluates on the validation split; returns null when the thread was interrupted. */
  private Task.@Nullable Score evaluate() {
    updates.swapAverage();
    try {
      return scored();
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof ClosedByInterruptException) {
        return null;
      }
      throw e;
    } catch (RuntimeException e) {
      throw MemoryAdvice.explain(
          e,
          "evaluating " + model.config().architecture() + " after step " + position.step(),
          "Evaluate on the CPU, or train with a shorter context; the checkpoint of step "
              + checkpoints.newestStep()
              + " stands");
    } finally {
      updates.swapAverage();
    }
  }

  private Task.@Nullable Score scored() {
    BooleanSupplier stop = () -> Thread.currentThread().isInterrupted();
    try {
      return task.evaluate(stop);
    } catch (RuntimeException e) {
      boolean memory = DeviceMemoryException.translate(e) instanceof DeviceMemoryException;
      if (!memory || !updates.release()) {
        throw e;
      }
      return task.evaluate(stop); // without what a recording keeps
    }
  }

  /** Clears the thread's interrupt, to be set again when the run has ended in order. */
  private boolean takeInterrupt() {
    boolean now = Thread.interrupted();
    interrupted |= now;
    return now;
  }

  /** Writes a checkpoint; an interrupt that comes meanwhile waits until it is written. */
  private void checkpoint() {
    takeInterrupt();
    if (checkpoints.standAt(position)) {
      return;
    }
    for (int attempt = 0; ; attempt++) {
      try {
        checkpoints.write(position);
        return;
      } catch (RuntimeException e) {
        if (attempt == 2 || !takeInterrupt()) {
          throw e;
        }
      }
    }
  }

  private Progress progress() {
    long step = position.step();
    return new Progress(
        step,
        config.steps(),
        position.bytes(),
        position.seconds(),
        clock.bytesPerSecond(position.bytes()),
        clock.secondsLeft(step, config.steps()),
        number("learningRate"),
        number("trainLoss"),
        number("gradientNorm"),
        position.score().bitsPerByte(),
        position.score().accuracy());
  }

  private double number(String key) {
    return last.has(key) ? last.get(key).getAsDouble() : Double.NaN;
  }
}
