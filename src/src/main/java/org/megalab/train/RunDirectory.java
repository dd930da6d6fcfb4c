package org.megalab.train;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;

/**
 * The files of a run:
 *
 * <pre>
 * config.json          the model, the training and the corpus, as they were given
 * environment.json     Java, engine, device and machine
 * metrics.jsonl        one JSON object a step
 * checkpoints/step-N/  parameters, optimizer and position after N updates
 * </pre>
 *
 * Files other than the metrics appear whole or not at all; a line of metrics that was cut off is
 * dropped when the run is resumed.
 */
final class RunDirectory {

  private static final String CONFIG = "config.json";
  private static final String METRICS = "metrics.jsonl";
  private static final String CHECKPOINTS = "checkpoints";
  private static final String ASIDE = ".old";
  private static final Pattern NAME = Pattern.compile("\\.?step-(\\d+)(\\.old)?");

  private final Path root;

  private RunDirectory(Path root) {
    this.root = root;
  }

  /**
   * Starts a new run directory; it holds a run when {@link #commit} has been called.
   *
   * @throws TrainingException if it already holds a run, or cannot be written
   */
  static RunDirectory create(Path root, JsonObject environment) {
    RunDirectory directory = new RunDirectory(root);
    if (Files.exists(root.resolve(CONFIG))) {
      throw new TrainingException(
          root
              + " already holds a run; resume it with Training.resume, or choose another directory");
    }
    try {
      deleteFolder(root.resolve(CHECKPOINTS)); // of a run that was killed before it began
      Files.createDirectories(root.resolve(CHECKPOINTS));
      directory.writeAtomically("environment.json", RecordJson.format(environment));
      Files.writeString(root.resolve(METRICS), "");
    } catch (IOException e) {
      throw new TrainingException(
          "the run directory " + root + " cannot be written (" + e + "); choose another directory",
          e);
    }
    return directory;
  }

  /** Whether a directory holds a run. */
  static boolean isRun(Path root) {
    return Files.isRegularFile(root.resolve(CONFIG)) && Files.isRegularFile(root.resolve(METRICS));
  }

  /** When the metrics were last written. */
  static Optional<Instant> written(Path root) {
    try {
      return Optional.of(Files.getLastModifiedTime(root.resolve(METRICS)).toInstant());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Makes the directory a run, with everything in it that resuming needs. */
  void commit(JsonObject config) {
    try {
      writeAtomically(CONFIG, RecordJson.format(config));
    } catch (IOException e) {
      throw new TrainingException(root.resolve(CONFIG) + " cannot be written: " + e, e);
    }
  }

  /**
   * Opens a run directory.
   *
   * @throws TrainingException if it holds no run
   */
  static RunDirectory open(Path root) {
    if (!Files.isRegularFile(root.resolve(CONFIG))) {
      throw new TrainingException(
          root.toAbsolutePath() + " holds no run: there is no " + CONFIG + " in it");
    }
    return new RunDirectory(root);
  }

  /** Fills a folder. */
  interface Filler {
    void fill(Path folder) throws IOException;
  }

  /** Writes a folder, in place of one that may be there; it appears whole or not at all. */
  void replaceFolder(Path folder, Filler filler) throws IOException {
    String name = String.valueOf(folder.getFileName());
    Path temporary = folder.resolveSibling("." + name + ".tmp");
    Path aside = folder.resolveSibling("." + name + ASIDE); // found by checkpoints() meanwhile
    deleteFolder(temporary);
    Files.createDirectories(temporary);
    filler.fill(temporary);
    if (Files.exists(folder)) {
      deleteFolder(aside);
      Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
    deleteFolder(aside);
  }

  Path root() {
    return root;
  }

  JsonObject config() {
    try {
      return RecordJson.parse(Files.readString(root.resolve(CONFIG)));
    } catch (IOException | ConfigException e) {
      throw new TrainingException(root.resolve(CONFIG) + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Opens the metrics for appending. */
  BufferedWriter appendMetrics() {
    try {
      return Files.newBufferedWriter(
          root.resolve(METRICS),
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new TrainingException(root.resolve(METRICS) + " cannot be written: " + e, e);
    }
  }

  /** Returns the lines of metrics; a last line that was cut off is left out. */
  List<JsonObject> metrics() {
    List<JsonObject> lines = new ArrayList<>();
    try {
      if (Files.exists(root.resolve(METRICS))) {
        for (String line : Files.readAllLines(root.resolve(METRICS))) {
          try {
            lines.add(RecordJson.parse(line));
          } catch (ConfigException cutOff) {
            break;
          }
        }
      }
    } catch (IOException e) {
      throw new TrainingException(root.resolve(METRICS) + " cannot be read: " + e, e);
    }
    return lines;
  }

  /**
   * Drops what lies behind a checkpoint, metrics and later checkpoints, and what a killed process
   * left half-written or half-deleted.
   */
  void cutAfter(long step) {
    checkpoints().tailMap(step, false).values().forEach(RunDirectory::discard);
    entries().stream()
        .filter(path -> path.toString().endsWith(".tmp") || path.toString().endsWith(".gone"))
        .forEach(RunDirectory::deleteFolder);
    StringBuilder kept = new StringBuilder();
    for (JsonObject line : metrics()) {
      JsonElement at = line.get("step");
      if (at != null && at.getAsLong() <= step) {
        kept.append(line).append('\n');
      }
    }
    try {
      writeAtomically(METRICS, kept.toString());
    } catch (IOException e) {
      throw new TrainingException(root.resolve(METRICS) + " cannot be written: " + e, e);
    }
  }

  /** Where the checkpoint of a step is written. */
  Path checkpoint(long step) {
    return root.resolve(CHECKPOINTS).resolve("step-" + step);
  }

  /**
   * Returns the checkpoints by step. One that was set aside for its successor counts where a killed
   * process left no successor.
   */
  NavigableMap<Long, Path> checkpoints() {
    NavigableMap<Long, Path> found = new TreeMap<>();
    for (Path path : entries()) {
      Matcher name = NAME.matcher(path.getFileName().toString());
      if (name.matches()) {
        boolean aside = name.group(2) != null;
        found.merge(Long.valueOf(name.group(1)), path, (old, now) -> aside ? old : now);
      }
    }
    return found;
  }

  /**
   * Returns the folder of a checkpoint.
   *
   * @throws TrainingException if there is none of that step
   */
  Path existing(long step) {
    Path folder = checkpoints().get(step);
    if (folder == null) {
      throw new TrainingException(
          root
              + " has no checkpoint of step "
              + step
              + "; it has those of steps "
              + checkpoints().keySet());
    }
    return folder;
  }

  private List<Path> entries() {
    try (Stream<Path> entries = Files.list(root.resolve(CHECKPOINTS))) {
      return entries.toList();
    } catch (IOException e) {
      throw new TrainingException(root.resolve(CHECKPOINTS) + " cannot be listed: " + e, e);
    }
  }

  /** Deletes all checkpoints but those of some steps. */
  void keep(Set<Long> steps) {
    checkpoints()
        .forEach(
            (step, folder) -> {
              if (!steps.contains(step)) {
                discard(folder);
              }
            });
  }

  /** Takes a checkpoint away at once, then deletes its files. */
  private static void discard(Path folder) {
    Path gone = folder.resolveSibling("." + folder.getFileName() + ".gone");
    try {
      deleteFolder(gone);
      Files.move(folder, gone, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new TrainingException(folder + " cannot be deleted: " + e, e);
    }
    deleteFolder(gone);
  }

  static void deleteFolder(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path path : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new TrainingException(folder + " cannot be deleted: " + e, e);
    }
  }

  private void writeAtomically(String name, String text) throws IOException {
    Path temporary = root.resolve("." + name + ".tmp");
    Files.writeString(temporary, text);
    Files.move(
        temporary,
        root.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
