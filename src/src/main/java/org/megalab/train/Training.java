package org.megalab.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
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
import org.megalab.json.RecordJson;
import org.megalab.model.SequenceModel;

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
  private long step;
  private long bytes;
  private double seconds;
  private double validationBpb = Double.NaN;

  private Training(
      SequenceModel model,
      Corpus corpus,
      TrainingConfig config,
      RunDirectory directory,
      TrainingListener listener,
      RandomWindows windows) {
    this.model = model;
    this.corpus = corpus;
    this.config = config;
    this.directory = directory;
    this.listener = listener;
    this.windows = windows;
    optimizer = new AdamW(model, config);
    schedule = Schedule.of(config);
  }

  /** Sets what watches runs that name no listener of their own; a notebook shows them live. */
  public static void setDefaultListener(Supplier<TrainingListener> listener) {
    defaultListener = listener;
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Prepares to go on with a run from its newest checkpoint, with a new model on the CPU.
   *
   * @throws TrainingException if there is no run or no checkpoint, or it is corrupt
   */
  public static Training resume(Path directory, Corpus corpus) {
    RunDirectory files = RunDirectory.open(directory);
    if (files.checkpoints().isEmpty()) {
      throw new TrainingException(
          directory + " has no checkpoint to resume from; start again in another directory");
    }
    return resume(directory, corpus, files.checkpoints().lastKey());
  }

  /** Prepares to go on with a run from one of its checkpoints; later metrics are dropped. */
  public static Training resume(Path directory, Corpus corpus, long step) {
    Run run = Run.open(directory);
    SequenceModel model = run.model().newModel().initialize(Device.cpu(), 0);
    return resume(directory, corpus, step, model, defaultListener.get());
  }

  /**
   * Prepares to go on with a run from one of its checkpoints.
   *
   * @param model a model of the run's configuration, on any device; its parameters are overwritten
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
    Training training =
        new Training(
            model, corpus, run.training(), files, listener, windows(model, corpus, run.training()));
    Checkpoint checkpoint = Checkpoint.read(files, step, model, training.optimizer);
    training.step = checkpoint.step();
    training.bytes = checkpoint.bytes();
    training.seconds = checkpoint.seconds();
    training.validationBpb = checkpoint.validationBpb();
    files.cutMetrics(step);
    return training;
  }

  /** Returns the model that is trained. */
  public SequenceModel model() {
    return model;
  }

  /**
   * Trains to the last step, or until the thread is interrupted.
   *
   * @return the run; {@link Run#interrupted()} tells how it ended
   * @throws TrainingException if the loss is not finite, or files cannot be written
   */
  public Run run() {
    Clock clock = new Clock(seconds, bytes);
    boolean interrupted = false;
    double loss = Double.NaN;
    double norm = Double.NaN;
    try (BufferedWriter metrics = directory.appendMetrics();
        optimizer) {
      while (step < config.steps() && !interrupted) {
        byte[][] batch = nextBatch();
        if (batch == null) {
          interrupted = true;
          break;
        }
        double learningRate = schedule.learningRate(step);
        Engine.getEngine("PyTorch")
            .setRandomSeed(Long.hashCode(config.seed() * 0x9E3779B97F4A7C15L + step));
        loss = backward(batch);
        norm = optimizer.update(learningRate);
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
          throw notFinite(loss, norm, learningRate);
        }
        step++;
        bytes += (long) batch.length * batch[0].length;
        interrupted = Thread.interrupted();
        boolean evaluated = !interrupted && evaluateNow();
        if (evaluated) {
          interrupted = !evaluate();
          evaluated = !interrupted;
        }
        seconds = clock.seconds();
        append(metrics, learningRate, loss, norm, evaluated);
        if (!interrupted
            && config.checkpointEvery() > 0
            && step % config.checkpointEvery() == 0
            && step < config.steps()) {
          checkpoint();
        }
        listener.onStep(progress(clock, learningRate, loss, norm));
        interrupted |= Thread.interrupted();
      }
      checkpoint();
    } catch (IOException e) {
      throw new TrainingException(
          "the metrics of " + directory.root() + " cannot be written: " + e, e);
    } finally {
      listener.onEnd(progress(clock, schedule.learningRate(Math.max(0, step - 1)), loss, norm));
    }
    Run run = Run.read(directory, interrupted && step < config.steps());
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return run;
  }

  /** Runs forward and backward over a batch and returns its mean cost in nats. */
  private double backward(byte[][] batch) {
    try (NDManager scratch = model.manager().newSubManager();
        GradientCollector gradients = Engine.getEngine("PyTorch").newGradientCollector()) {
      scratch.setName("training step");
      NDArray ids = SequenceModel.ids(scratch, batch);
      NDArray loss = model.perByteLoss(new ParameterStore(scratch, false), ids, true).mean();
      gradients.backward(loss);
      return loss.toType(ai.djl.ndarray.types.DataType.FLOAT64, false).getDouble();
    }
  }

  /** Reads the batch of this step, or returns null when the thread was interrupted meanwhile. */
  private byte @Nullable [][] nextBatch() {
    try {
      return windows.batch(step);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof ClosedByInterruptException) {
        Thread.interrupted();
        return null;
      }
      throw e;
    }
  }

  private boolean evaluateNow() {
    return !corpus.validation().documents().isEmpty()
        && (step == config.steps()
            || config.evaluateEvery() > 0 && step % config.evaluateEvery() == 0);
  }

  /** Evaluates on whole validation documents; returns false when the thread was interrupted. */
  private boolean evaluate() {
    int window = model.config().contextLength();
    try {
      BitsPerByte cost =
          BitsPerByte.of(
              model, corpus.validation(), window, () -> Thread.currentThread().isInterrupted());
      if (cost.complete()) {
        validationBpb = cost.value();
        return true;
      }
    } catch (UncheckedIOException e) {
      if (!(e.getCause() instanceof ClosedByInterruptException)) {
        throw e;
      }
    }
    Thread.interrupted();
    return false;
  }

  /** Writes a checkpoint; an interrupt that comes meanwhile waits until it is written. */
  private void checkpoint() {
    boolean interrupted = Thread.interrupted();
    Checkpoint checkpoint = new Checkpoint(step, bytes, seconds, validationBpb);
    for (int attempt = 0; ; attempt++) {
      try {
        checkpoint.write(directory, model, optimizer);
        directory.keepNewest(config.keepCheckpoints());
        break;
      } catch (RuntimeException e) {
        if (attempt == 2 || !Thread.interrupted()) {
          throw e;
        }
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void append(
      BufferedWriter metrics, double learningRate, double loss, double norm, boolean evaluated)
      throws IOException {
    JsonObject line = new JsonObject();
    line.addProperty("step", step);
    line.addProperty("bytes", bytes);
    line.addProperty("seconds", Math.round(seconds * 1000) / 1000.0);
    line.addProperty("learningRate", learningRate);
    line.addProperty("trainLoss", loss);
    line.addProperty("gradientNorm", norm);
    if (evaluated) {
      line.addProperty("validationBpb", validationBpb);
    }
    metrics.write(line + "\n");
    metrics.flush();
  }

  private Progress progress(Clock clock, double learningRate, double loss, double norm) {
    double speed = clock.bytesPerSecond(bytes);
    double left = (config.steps() - step) * (double) config.batchSize() * windows.length() / speed;
    return new Progress(
        step, config.steps(), bytes, seconds, speed, left, learningRate, loss, norm, validationBpb);
  }

  private TrainingException notFinite(double loss, double norm, double learningRate) {
    return new TrainingException(
        String.format(
            java.util.Locale.ROOT,
            "at step %d the loss is %s and the norm of the gradients %s; the parameters are as they were before"
                + " that step. The learning rate was %.2e: try a smaller one, a longer warm-up, or a"
                + " smaller gradientClip",
            step + 1,
            loss,
            norm,
            learningRate));
  }

  private static RandomWindows windows(SequenceModel model, Corpus corpus, TrainingConfig config) {
    int context = model.config().contextLength();
    int length = config.windowLength() == 0 ? context : config.windowLength();
    if (length > context) {
      throw new TrainingException(
          "windowLength = " + length + " is more than the model's contextLength = " + context);
    }
    return new RandomWindows(corpus.train(), length, config.batchSize(), config.seed());
  }

  /** Time and speed of one sitting. */
  private static final class Clock {
    private final long start = System.nanoTime();
    private final double secondsBefore;
    private final long bytesBefore;

    Clock(double secondsBefore, long bytesBefore) {
      this.secondsBefore = secondsBefore;
      this.bytesBefore = bytesBefore;
    }

    double seconds() {
      return secondsBefore + (System.nanoTime() - start) / 1e9;
    }

    double bytesPerSecond(long bytes) {
      return (bytes - bytesBefore) / ((System.nanoTime() - start) / 1e9);
    }
  }

  /** Collects what a run needs. */
  public static final class Builder {
    private @Nullable SequenceModel model;
    private @Nullable Corpus corpus;
    private @Nullable TrainingConfig config;
    private @Nullable Path directory;
    private @Nullable TrainingListener listener;

    private Builder() {}

    /** Sets the model, which must be initialised; it is trained in place. */
    public Builder setModel(SequenceModel model) {
      this.model = model;
      return this;
    }

    /** Sets the text. */
    public Builder setCorpus(Corpus corpus) {
      this.corpus = corpus;
      return this;
    }

    /** Sets how to train. */
    public Builder setConfig(TrainingConfig config) {
      this.config = config;
      return this;
    }

    /** Sets the directory of the run, which must not hold one already. */
    public Builder setDirectory(Path directory) {
      this.directory = directory;
      return this;
    }

    /** Sets what watches the run. */
    public Builder optListener(TrainingListener listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Checks everything and creates the run's directory.
     *
     * @throws TrainingException if something is missing, or the directory holds a run or cannot be
     *     written
     */
    public Training build() {
      if (model == null || corpus == null || config == null || directory == null) {
        throw new TrainingException(
            "a training run needs a model, a corpus, a config and a directory");
      }
      RandomWindows windows = windows(model, corpus, config);
      JsonObject description = new JsonObject();
      description.add("model", JsonParser.parseString(model.config().toJson()));
      description.add("training", RecordJson.tree(config));
      description.addProperty("corpus", corpus.name());
      RunDirectory files =
          RunDirectory.create(directory, description, EnvironmentRecord.of(model.device()));
      return new Training(
          model,
          corpus,
          config,
          files,
          listener == null ? defaultListener.get() : listener,
          windows);
    }
  }
}
