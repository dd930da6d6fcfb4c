package org.megalab.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The checkpoints of a run under way: what each holds, and which of them stay. */
final class Checkpoints {

  private final RunDirectory directory;
  private final TrainingConfig config;
  private final List<Part> parts = new ArrayList<>();
  private @Nullable Position newest;

  /**
   * A file of a checkpoint.
   *
   * @param name of the file
   * @param writer writes it
   * @param reader takes what was written
   */
  record Part(String name, Consumer<Path> writer, Consumer<Path> reader) {}

  Checkpoints(RunDirectory directory, TrainingConfig config) {
    this.directory = directory;
    this.config = config;
  }

  /** Adds a file to all checkpoints. */
  void add(String name, Consumer<Path> writer, Consumer<Path> reader) {
    parts.add(new Part(name, writer, reader));
  }

  /** Reads the checkpoint of a step; errors as in {@link Checkpoint#read}. */
  Position read(long step) {
    Position position = Checkpoint.read(directory, step, parts);
    newest = position;
    return position;
  }

  /** Whether the newest checkpoint stands here. */
  boolean standAt(Position position) {
    return position.equals(newest);
  }

  /** Returns the step of the newest checkpoint. */
  long newestStep() {
    return newest == null ? 0 : newest.step();
  }

  /** Writes a checkpoint and deletes those that do not stay. */
  void write(Position position) {
    Checkpoint.write(directory, position, parts);
    newest = position;
    directory.keep(stay(position));
  }

  /**
   * The newest of those at regular steps, that of now, and the best. The one before the first
   * update goes as soon as there is another.
   */
  private Set<Long> stay(Position position) {
    long every = Math.max(1, config.checkpointEvery());
    List<Long> regular =
        directory.checkpoints().keySet().stream()
            .filter(step -> step == position.step() || step > 0 && step % every == 0)
            .toList();
    int first = Math.max(0, regular.size() - config.keepCheckpoints());
    Set<Long> stay = new HashSet<>(regular.subList(first, regular.size()));
    if (config.keepBest()) {
      stay.add(position.bestStep());
    }
    return stay;
  }
}
