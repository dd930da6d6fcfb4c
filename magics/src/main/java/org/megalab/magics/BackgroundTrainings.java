package org.megalab.magics;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.megalab.model.TrainableModel;
import org.megalab.train.Training;

/**
 * The trainings of {@code %train --background}. When the process ends in order, they end too, each
 * with a checkpoint.
 */
final class BackgroundTrainings {

  /** Jupyter kills a kernel that takes five seconds to end. */
  private static final long SHUTDOWN_MILLIS = 4_000;

  private final List<BackgroundTraining> all = new ArrayList<>();

  /** Starts a training under the name of its run's variable. */
  synchronized void start(String name, Path directory, Training training, LiveProgress progress) {
    if (all.isEmpty()) {
      Runtime.getRuntime().addShutdownHook(new Thread(this::shutDown, "end of trainings"));
    }
    all.add(new BackgroundTraining(name, directory, training, progress));
  }

  synchronized List<BackgroundTraining> running() {
    return all.stream().filter(BackgroundTraining::running).toList();
  }

  /** The newest training in a directory. */
  synchronized Optional<BackgroundTraining> in(Path directory) {
    Path sought = directory.toAbsolutePath().normalize();
    return all.stream()
        .filter(each -> each.directory().toAbsolutePath().normalize().equals(sought))
        .reduce((older, newer) -> newer);
  }

  /** The training under way of a model. */
  Optional<BackgroundTraining> of(TrainableModel model) {
    return running().stream().filter(each -> each.model() == model).findFirst();
  }

  /**
   * Checks that a model is not in training.
   *
   * @param otherwise what to do instead of stopping
   * @throws IllegalArgumentException if it is
   */
  void requireIdle(TrainableModel model, String otherwise) {
    of(model)
        .ifPresent(
            training -> {
              throw new IllegalArgumentException(
                  "the model is in training in the background as %s; %%stop %s ends that, or %s"
                      .formatted(training.name(), training.name(), otherwise));
            });
  }

  /**
   * Checks that no training runs under a name or in a directory.
   *
   * @throws IllegalArgumentException if one does
   */
  void requireFree(String name, Path directory) {
    in(directory)
        .filter(BackgroundTraining::running)
        .ifPresent(
            each -> {
              throw new IllegalArgumentException(
                  "the training %s writes to %s; end it with %%stop %s, or take another directory"
                      .formatted(each.name(), directory, each.name()));
            });
    if (running().stream().anyMatch(each -> each.name().equals(name))) {
      throw new IllegalArgumentException(
          "a training runs as %s already; name this one with --as, or end the other with %%stop %s"
              .formatted(name, name));
    }
  }

  /**
   * Returns a training under way by the name of its run's variable.
   *
   * @throws IllegalArgumentException if there is none, naming those that there are
   */
  BackgroundTraining named(String name) {
    List<BackgroundTraining> running = running();
    return running.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no training \"%s\" runs in the background; %s"
                        .formatted(name, running.isEmpty() ? "none does" : names(running))));
  }

  static String names(List<BackgroundTraining> trainings) {
    return trainings.stream()
        .map(each -> each.name() + " in " + each.directory())
        .collect(Collectors.joining(", ", "running are ", ""));
  }

  private void shutDown() {
    List<BackgroundTraining> running = running();
    running.forEach(BackgroundTraining::interrupt);
    long end = System.nanoTime() + SHUTDOWN_MILLIS * 1_000_000;
    try {
      for (BackgroundTraining each : running) {
        each.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
