package org.megalab.magics;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.megalab.model.TrainableModel;
import org.megalab.train.Run;
import org.megalab.train.Training;

/** A training on a thread of its own, with its display in the cell that started it. */
final class BackgroundTraining {

  /** The longest step, evaluation or checkpoint that is waited for. */
  private static final long STOP_MILLIS = 60_000;

  private final String name;
  private final Path directory;
  private final Training training;
  private final LiveProgress progress;
  private final Thread thread;
  private volatile @Nullable Run run;
  private volatile @Nullable Throwable failure;

  /**
   * Starts it.
   *
   * @param name the run's variable
   * @param directory the run's directory
   */
  BackgroundTraining(String name, Path directory, Training training, LiveProgress progress) {
    this.name = name;
    this.directory = directory;
    this.training = training;
    this.progress = progress;
    thread = new Thread(this::work, "training " + name); // inherits the cell's output
    thread.setDaemon(true);
    progress.note("in the background; %stop " + name + " ends it");
    thread.start();
  }

  private void work() {
    try {
      run = training.run();
    } catch (Throwable e) { // errors too: whatever ends it is told
      failure = e;
    }
    boolean unused = Thread.interrupted(); // has done its work
    progress.note(state());
  }

  String name() {
    return name;
  }

  Path directory() {
    return directory;
  }

  TrainableModel model() {
    return training.model();
  }

  boolean running() {
    return run == null && failure == null;
  }

  boolean failed() {
    return failure != null;
  }

  /** How it stands: running, complete, stopped with how to go on, or failed with the reason. */
  String state() {
    Throwable reason = failure;
    Run ended = run;
    if (reason != null) {
      return "failed: " + (reason.getMessage() == null ? reason : reason.getMessage());
    } else if (ended == null) {
      return "running";
    }
    return ended.interrupted() ? "stopped; " + goOn() : "complete";
  }

  /** The line that goes on with a run. */
  String goOn() {
    return "to go on: %train --resume " + TrainMagic.quoted(directory);
  }

  /** Asks it to end after the step under way, with a checkpoint. */
  void interrupt() {
    thread.interrupt();
  }

  /** Waits until it has ended, for at most some time. */
  void join(long millis) throws InterruptedException {
    thread.join(millis);
  }

  /**
   * Ends it after the step under way, with a checkpoint.
   *
   * @return the run; null if it failed
   * @throws IllegalStateException if the step takes longer than a minute
   */
  @Nullable Run stop() throws InterruptedException {
    interrupt();
    join(STOP_MILLIS);
    if (running()) {
      throw new IllegalStateException(
          "the training %s will end after the step under way, which takes long; %%runs tells when"
              .formatted(name));
    }
    return run;
  }
}
