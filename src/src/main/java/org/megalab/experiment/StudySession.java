package org.megalab.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.model.TrainableModel;
import org.megalab.train.Progress;
import org.megalab.train.Run;

/** One sitting of a study: what is complete is read, the rest is trained. */
final class StudySession {

  private final Study study;
  private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
  private final List<Unit> pending = new ArrayList<>();
  private final TimeLeft time = new TimeLeft();
  private volatile boolean stopped;

  /**
   * What is trained once: runs that differ in their inference alone, or not at all.
   *
   * @param folder where
   * @param runs which, at least one
   */
  private record Unit(Path folder, List<StudyRun> runs) {

    Trial trial() {
      return trial(runs.get(0));
    }

    String name() {
      return runs.get(0).name();
    }

    static Trial trial(StudyRun run) {
      Trial trial = run.trial();
      if (trial == null) {
        throw new IllegalStateException(run.error());
      }
      return trial;
    }
  }

  StudySession(Study study) {
    this.study = study;
    Map<String, Unit> units = new LinkedHashMap<>();
    for (StudyRun run : study.runs()) {
      if (run.trial() == null) {
        outcomes.put(run.name(), Outcome.failed(null, run.error()));
        continue;
      }
      Path folder = folder(run, run.trial());
      Outcome outcome = Outcome.read(folder, run.trial().inference());
      if (outcome != null) {
        outcomes.put(run.name(), outcome);
      } else {
        String hash = String.valueOf(folder.getFileName());
        units.computeIfAbsent(hash, h -> new Unit(folder, new ArrayList<>())).runs().add(run);
      }
    }
    for (Unit unit : units.values()) {
      pending.add(unit);
      Trial trial = unit.trial();
      double bytes = trial.bytesPerStep() * trial.training().steps();
      time.add(unit.name(), isTimed() ? 1 : bytes * trial.trainingFlopsPerByte());
    }
  }

  /**
   * Where a trial is trained: where a run of the same is already, or else under its arm. Seconds
   * are no part of a trial, and others make another run.
   */
  private Path folder(StudyRun run, Trial trial) {
    String within = isTimed() ? "-" + study.secondsLimit() + "s" : "";
    String name = "seed-" + run.seed() + "-" + trial.hash() + within;
    Path own = study.directory().resolve(Study.folderName(run.arm())).resolve(name);
    if (Files.exists(own) || !Files.isDirectory(study.directory())) {
      return own;
    }
    try (Stream<Path> arms = Files.list(study.directory())) {
      return arms.map(arm -> arm.resolve(name))
          .filter(Files::exists)
          .sorted()
          .findFirst()
          .orElse(own);
    } catch (IOException e) {
      throw new UncheckedIOException(study.directory() + " cannot be listed: " + e, e);
    }
  }

  private boolean isTimed() {
    return Double.isFinite(study.secondsLimit());
  }

  /** Returns what there is so far. */
  synchronized StudyResult result() {
    return new StudyResult(study, outcomes);
  }

  private synchronized StudyProgress progress() {
    int done = outcomes.size();
    return new StudyProgress(done, study.runs().size(), time.secondsLeft(), result());
  }

  /** Runs what is left; an interrupt ends it after the step under way. */
  StudyResult run() {
    result().write(study.directory());
    if (study.parallel() > 1 && pending.size() > 1) {
      runAtOnce();
    } else {
      pending.forEach(this::run);
    }
    return result();
  }

  private void runAtOnce() {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            study.parallel(),
            task -> {
              Thread thread = new Thread(task, "study " + study.name());
              thread.setDaemon(true);
              return thread;
            });
    List<Future<?>> futures = new ArrayList<>();
    pending.forEach(unit -> futures.add(pool.submit(() -> run(unit))));
    try {
      for (Future<?> future : futures) {
        future.get();
      }
    } catch (InterruptedException e) {
      stopped = true;
    } catch (ExecutionException e) {
      stopped = true;
      throw new IllegalStateException("the study ended: " + e.getCause(), e.getCause());
    } finally {
      end(pool);
    }
    if (stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Interrupts what still runs, and waits for its checkpoints. */
  private void end(ExecutorService pool) {
    if (stopped) {
      pool.shutdownNow();
    }
    pool.shutdown();
    while (!pool.isTerminated()) {
      try {
        pool.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        stopped = true;
        pool.shutdownNow();
      }
    }
  }

  private void run(Unit unit) {
    if (stopped || Thread.currentThread().isInterrupted()) {
      return;
    }
    tell(() -> study.listener().onBegin(unit.name(), progress()));
    @Nullable Throwable problem = null;
    try {
      StudyTrainer trainer =
          new StudyTrainer(
              unit.trial(),
              unit.folder(),
              study.device(),
              study.secondsLimit(),
              training -> reached(unit, training));
      trainer.run((model, run) -> judge(unit, trainer, model, run));
    } catch (ThreadDeath e) {
      throw e; // a kernel ends the cell
    } catch (RuntimeException | Error e) {
      problem = e; // errors too: an arm may be code that was written a minute ago
    }
    stopped |= Thread.currentThread().isInterrupted();
    end(unit, problem);
  }

  private void judge(Unit unit, StudyTrainer trainer, TrainableModel model, Run trained) {
    for (StudyRun run : unit.runs()) {
      Outcome outcome;
      try {
        outcome = trainer.judge(model, trained, Unit.trial(run).inference());
        outcome.write(unit.folder(), Unit.trial(run).inference());
      } catch (RuntimeException e) {
        outcome = Outcome.failed(unit.folder(), e);
      }
      synchronized (this) {
        outcomes.put(run.name(), outcome);
      }
    }
  }

  private void reached(Unit unit, Progress training) {
    double share = (double) training.step() / training.steps();
    double spent = training.seconds() / study.secondsLimit();
    tell(
        () -> {
          double step = 1.0 / training.steps();
          time.reached(
              unit.name(), Math.max(share, spent), Math.max(step, spent / training.step()));
          study.listener().onProgress(unit.name(), training, progress());
        });
  }

  private void end(Unit unit, @Nullable Throwable problem) {
    tell(
        () -> {
          time.ended(unit.name());
          if (problem != null) {
            for (StudyRun run : unit.runs()) {
              outcomes.putIfAbsent(run.name(), Outcome.failed(unit.folder(), problem));
            }
          }
          result().write(study.directory());
          study.listener().onEnd(unit.name(), progress());
        });
  }

  private synchronized void tell(Runnable news) {
    news.run();
  }
}
