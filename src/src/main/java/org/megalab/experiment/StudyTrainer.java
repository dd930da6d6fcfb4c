package org.megalab.experiment;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.megalab.data.Corpus;
import org.megalab.data.ExampleSet;
import org.megalab.evaluate.Accuracy;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.evaluate.Inference;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;
import org.megalab.train.Progress;
import org.megalab.train.Run;
import org.megalab.train.Training;
import org.megalab.train.TrainingException;
import org.megalab.train.TrainingListener;
import tech.tablesaw.api.Table;

/**
 * Trains a trial in its directory, or goes on with what is there, and judges it.
 *
 * <p>The engine's random numbers belong to the process. So that runs at the same time give what
 * they give one after the other, a model gets its first weights while all others wait between two
 * of their steps, and a model with dropout takes each of its steps alone.
 */
final class StudyTrainer implements TrainingListener {

  private static final ReentrantReadWriteLock RANDOM = new ReentrantReadWriteLock(true);

  private final Trial trial;
  private final Path folder;
  private final Device device;
  private final double secondsLimit;
  private final Consumer<Progress> watch;
  private final Lock lock;
  private boolean timeIsUp;

  StudyTrainer(
      Trial trial, Path folder, Device device, double secondsLimit, Consumer<Progress> watch) {
    this.trial = trial;
    this.folder = folder;
    this.device = device;
    this.secondsLimit = secondsLimit;
    this.watch = watch;
    lock = trial.model().dropsOut() ? RANDOM.writeLock() : RANDOM.readLock();
  }

  /** What is done with a model that is trained. */
  interface Judge {
    void accept(TrainableModel model, Run run);
  }

  /**
   * Trains, then lets the model be judged.
   *
   * @throws TrainingException if the training fails or was interrupted
   */
  void run(Judge judge) {
    try (TrainableModel model = initialized()) {
      lock.lock();
      try {
        Run run = train(model);
        if (timeIsUp) {
          Thread.interrupted(); // was our own
        } else if (run.interrupted()) {
          throw new TrainingException(
              "interrupted at step " + run.newestCheckpoint() + " of " + run.training().steps());
        }
        judge.accept(model, run);
      } finally {
        lock.unlock();
      }
    }
  }

  private TrainableModel initialized() {
    RANDOM.writeLock().lock();
    try {
      return trial.model().newModel().initialize(device, trial.training().seed());
    } finally {
      RANDOM.writeLock().unlock();
    }
  }

  private Run train(TrainableModel model) {
    if (Files.exists(folder.resolve("config.json"))) {
      long step = Run.open(folder).newestCheckpoint();
      return Training.resume(folder, trial.data(), step, model, this).run();
    }
    return Training.builder()
        .setModel(model)
        .setData(trial.data())
        .setConfig(trial.training())
        .setDirectory(folder)
        .optListener(this)
        .build()
        .run();
  }

  @Override
  public void onStep(Progress progress) {
    lock.unlock();
    try {
      watch.accept(progress);
    } finally {
      lock.lock();
    }
    if (progress.seconds() >= secondsLimit && !Thread.currentThread().isInterrupted()) {
      timeIsUp = true;
      Thread.currentThread().interrupt();
    }
  }

  /** Judges what was trained. */
  Outcome judge(TrainableModel model, Run run, Inference inference) {
    Table metrics = run.metrics();
    int last = metrics.rowCount() - 1;
    double cost = run.validation("validationBpb");
    double right = run.validation("validationAccuracy");
    if (trial.data() instanceof Corpus corpus && model instanceof SequenceModel reader) {
      int context = reader.config().contextLength();
      int window = trial.training().windowLength() > 0 ? trial.training().windowLength() : context;
      boolean judged = !timeIsUp && (window == context || trial.training().carryState());
      if (!judged || inference != Inference.BASIC) {
        BitsPerByte found =
            BitsPerByte.of(reader, corpus.validation(), window, inference, StudyTrainer::stopped);
        requireComplete(found.complete());
        cost = found.value();
      }
    } else if (trial.data() instanceof ExampleSet set && timeIsUp) {
      Accuracy found =
          Accuracy.of(
              model, set.numbers(), set.classes().size(), set.validation(), StudyTrainer::stopped);
      requireComplete(found.complete());
      cost = found.bitsPerByte();
      right = found.value();
    }
    if (!Double.isFinite(cost)) {
      throw new TrainingException(
          "the validation split costs "
              + cost
              + " bits per byte: numbers overflow in the trained model; try a smaller learning rate"
              + " or float32");
    }
    return new Outcome(
        metrics.longColumn("step").get(last),
        metrics.longColumn("bytes").get(last),
        metrics.doubleColumn("seconds").get(last),
        cost,
        right,
        folder,
        "");
  }

  private static boolean stopped() {
    return Thread.currentThread().isInterrupted();
  }

  private static void requireComplete(boolean complete) {
    if (!complete) {
      throw new TrainingException("interrupted in the evaluation");
    }
  }
}
