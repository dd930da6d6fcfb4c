package org.megalab.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.RandomWindows;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Seeds;

/**
 * The training loop of every model: random windows of the training split, the mean cost of their
 * bytes, AdamW.
 *
 * <pre>
 * Run run = Training.builder()
 *     .setModel(model).setCorpus(Corpus.shipped("books"))
 *     .setConfig(TrainingConfig.builder().setSteps(500).build())
 *     .setDirectory(Path.of("runs/first"))
 *     .build().run();
 * </pre>
 *
 * <p>An interrupt of the thread ends the run after the step under way: the checkpoint is written,
 * the model is usable, and {@link #resume} goes on from there. On a CPU a resumed run gives the
 * same metrics, bit for bit, as one that was never stopped: batches and dropout depend on the seed
 * and the step alone.
 */
public final class Training {

  private static volatile Supplier<TrainingListener> defaultListener =
      () -> new TextProgress(System.out, 2);

  private final SequenceModel model;
  private final Corpus corpus;
  private final TrainingConfig config;
  private final RunDirectory directory;
  private final TrainingListener listener;
  private final AdamW optimizer;
  private final RandomWindows windows;
  private final Schedule schedule;
  private final TrainingClock clock;
  private Checkpoint position;
  private @Nullable Checkpoint written;
  private boolean started;
  private boolean interrupted;
  private JsonObject last = new JsonObject();

  /** Starts from a checkpoint, or from the beginning where the step is negative. */
  Training(
      SequenceModel model,
      Corpus corpus,
      TrainingConfig config,
      RunDirectory directory,
      TrainingListener listener,
      long resumedStep) {
    this.model = model;
    this.corpus = corpus;
    this.config = config;
    this.directory = directory;
    this.listener = listener;
    windows = windows(model, corpus, config);
    schedule = Schedule.of(config);
    optimizer = new AdamW(model, config);
    try {
      position =
          resumedStep < 0
              ? Checkpoint.START
              : Checkpoint.read(directory, resumedStep, model, optimizer);
      written = resumedStep < 0 ? null : position;
    } catch (RuntimeException e) {
      optimizer.close();
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
  public static Training resume(Path directory, Corpus corpus) {
    return resume(directory, corpus, Run.open(directory).newestCheckpoint());
  }

  /**
   * Prepares to go on with a run from one of its checkpoints, with a new model on the CPU; later
   * metrics and checkpoints are dropped.
   *
   * @throws TrainingException if there is no such run or checkpoint, or it is corrupt
   */
  public static Training resume(Path directory, Corpus corpus, long step) {
    SequenceModel model = Run.open(directory).model().newModel().initialize(Device.cpu(), 0);
    try {
      return resume(directory, corpus, step, model, defaultListener.get());
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
   * @param corpus the text that it was started with
   * @param step one of {@link Run#checkpoints()}
   * @param model a model of the run's configuration, on any device; its parameters are overwritten
   * @param listener watches the run
   * @throws TrainingException if the model or the corpus is another, or the checkpoint is missing
   *     or corrupt; nothing is changed then
   */
  public static Training resume(
      Path directory, Corpus corpus, long step, SequenceModel model, TrainingListener listener) {
    RunDirectory files = RunDirectory.open(directory);
    Run run = Run.read(files, false);
    if (!run.model().equals(model.config())) {
      throw new TrainingException(
          directory
              + " trains another model than the one given; its configuration is\n"
              + run.model().toJson());
    }
    if (!files.config().get("corpus").equals(description(corpus))) {
      throw new TrainingException(
          directory
              + " was started with the corpus "
              + files.config().get("corpus")
              + ", not with "
              + description(corpus));
    }
    Training training = new Training(model, corpus, run.training(), files, listener, step);
    files.cutAfter(step);
    return training;
  }

  static JsonObject description(Corpus corpus) {
    JsonObject description = new JsonObject();
    description.addProperty("name", corpus.name());
    description.addProperty("trainBytes", corpus.train().bytes());
    description.addProperty("validationBytes", corpus.validation().bytes());
    return description;
  }

  /** Returns the model that is trained. */
  public SequenceModel model() {
    return model;
  }

  /**
   * Trains to the last step, or until the thread is interrupted. A training runs once.
   *
   * @return the run; {@link Run#interrupted()} tells how it ended
   * @throws TrainingException if the loss is not finite, or files cannot be written; the parameters
   *     are then those of the last good step
   */
  public Run run() {
    if (started) {
      throw new TrainingException(
          "this training has run already; go on with Training.resume("
              + directory.root()
              + ", corpus)");
    }
    started = true;
    try (BufferedWriter metrics = directory.appendMetrics();
        optimizer) {
      boolean goOn = evaluateWhatIsDue(metrics);
      while (goOn && position.step() < config.steps()) {
        goOn = step(metrics);
      }
      checkpoint();
    } catch (IOException e) {
      throw new TrainingException(
          "the metrics of " + directory.root() + " cannot be written: " + e, e);
    } finally {
      listener.onEnd(progress());
    }
    Run run = Run.read(directory, position.step() < config.steps() || position.due() != null);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return run;
  }

  /** Runs one update and what follows it; returns false when the thread was interrupted. */
  private boolean step(BufferedWriter metrics) throws IOException {
    clock.stepBegins();
    long step = position.step();
    byte[][] batch = nextBatch(step);
    if (batch == null) {
      return false;
    }
    double learningRate = schedule.learningRate(step);
    Seeds.set(config.seed() * 0x9E3779B97F4A7C15L + step);
    double loss = backward(batch);
    double norm = optimizer.update(learningRate);
    clock.stepEnds();
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      checkpoint();
      throw notFinite(loss, norm, learningRate);
    }
    long bytes = position.bytes() + (long) batch.length * windows.length();
    JsonObject line = new JsonObject();
    line.addProperty("step", step + 1);
    line.addProperty("bytes", bytes);
    line.addProperty("seconds", Math.round(clock.seconds() * 1000) / 1000.0);
    line.addProperty("learningRate", learningRate);
    line.addProperty("trainLoss", loss);
    line.addProperty("gradientNorm", norm);
    position = new Checkpoint(step + 1, bytes, clock.seconds(), position.validationBpb(), line);
    if (!evaluateWhatIsDue(metrics)) {
      return false;
    }
    if (config.checkpointEvery() > 0
        && position.step() % config.checkpointEvery() == 0
        && position.step() < config.steps()) {
      checkpoint();
    }
    last = line;
    listener.onStep(progress());
    return !takeInterrupt();
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
    long step = position.step();
    double validationBpb = position.validationBpb();
    boolean evaluate =
        !corpus.validation().documents().isEmpty()
            && (step == config.steps()
                || config.evaluateEvery() > 0 && step % config.evaluateEvery() == 0);
    if (evaluate) {
      validationBpb = evaluate();
      if (Double.isNaN(validationBpb)) {
        return false;
      }
      line.addProperty("validationBpb", validationBpb);
    }
    metrics.write(line + "\n");
    metrics.flush();
    position = new Checkpoint(step, position.bytes(), position.seconds(), validationBpb, null);
    return true;
  }

  /** Runs forward and backward over a batch and returns its mean cost in nats. */
  private double backward(byte[][] batch) {
    try (NDManager scratch = model.manager().newSubManager();
        Autograd autograd = new Autograd()) {
      scratch.setName("training step");
      NDArray ids = SequenceModel.ids(scratch, batch);
      NDArray loss = model.perByteLoss(new ParameterStore(scratch, false), ids, true).mean();
      autograd.backward(loss);
      return loss.toType(DataType.FLOAT64, false).getDouble();
    }
  }

  /** Reads the batch of a step, or returns null when the thread was interrupted meanwhile. */
  private byte @Nullable [][] nextBatch(long step) {
    try {
      return windows.batch(step);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof ClosedByInterruptException) {
        takeInterrupt();
        return null;
      }
      throw e;
    }
  }

  /** Evaluates on whole validation documents; returns NaN when the thread was interrupted. */
  private double evaluate() {
    try {
      BitsPerByte cost =
          BitsPerByte.of(
              model,
              corpus.validation(),
              model.config().contextLength(),
              () -> Thread.currentThread().isInterrupted());
      if (cost.complete()) {
        return cost.value();
      }
    } catch (UncheckedIOException e) {
      if (!(e.getCause() instanceof ClosedByInterruptException)) {
        throw e;
      }
    }
    takeInterrupt();
    return Double.NaN;
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
    if (position.equals(written)) {
      return;
    }
    for (int attempt = 0; ; attempt++) {
      try {
        position.write(directory, model, optimizer);
        written = position;
        directory.keepNewest(config.keepCheckpoints());
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
        position.validationBpb());
  }

  private double number(String key) {
    return last.has(key) ? last.get(key).getAsDouble() : Double.NaN;
  }

  private TrainingException notFinite(double loss, double norm, double learningRate) {
    return new TrainingException(
        String.format(
            java.util.Locale.ROOT,
            "at step %d the loss is %s and the norm of the gradients %s; model and checkpoint are those of the step"
                + " before. The learning rate was %.2e: try a smaller one, a longer warm-up, or a"
                + " smaller gradientClip",
            position.step() + 1,
            loss,
            norm,
            learningRate));
  }

  static RandomWindows windows(SequenceModel model, Corpus corpus, TrainingConfig config) {
    model.requireBytes();
    int context = model.config().contextLength();
    int length = config.windowLength() == 0 ? context : config.windowLength();
    if (length > context) {
      throw new TrainingException(
          "windowLength = " + length + " is more than the model's contextLength = " + context);
    }
    return new RandomWindows(corpus.train(), length, config.batchSize(), config.seed());
  }
}
