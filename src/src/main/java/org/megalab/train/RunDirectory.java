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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
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

  private final Path root;

  private RunDirectory(Path root) {
    this.root = root;
  }

  /**
   * Starts a new run directory.
   *
   * @throws TrainingException if it already holds a run, or cannot be written
   */
  static RunDirectory create(Path root, JsonObject config, JsonObject environment) {
    RunDirectory directory = new RunDirectory(root);
    if (Files.exists(root.resolve(CONFIG))) {
      throw new TrainingException(
          root
              + " already holds a run; resume it with Training.resume, or choose another directory");
    }
    try {
      Files.createDirectories(root.resolve(CHECKPOINTS));
      directory.writeAtomically("environment.json", RecordJson.format(environment));
      directory.writeAtomically(CONFIG, RecordJson.format(config));
      Files.writeString(root.resolve(METRICS), "");
    } catch (IOException e) {
      throw new TrainingException(
          "the run directory " + root + " cannot be written (" + e + "); choose another directory",
          e);
    }
    return directory;
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

  /** Drops what lies behind a checkpoint: metrics and later checkpoints. */
  void cutAfter(long step) {
    checkpoints().tailMap(step, false).values().forEach(RunDirectory::deleteFolder);
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

  Path checkpoint(long step) {
    return root.resolve(CHECKPOINTS).resolve("step-" + step);
  }

  /** Returns the checkpoints by step. */
  NavigableMap<Long, Path> checkpoints() {
    NavigableMap<Long, Path> found = new TreeMap<>();
    try (Stream<Path> entries = Files.list(root.resolve(CHECKPOINTS))) {
      entries
          .filter(path -> path.getFileName().toString().matches("step-\\d+"))
          .forEach(
              path -> found.put(Long.parseLong(path.getFileName().toString().substring(5)), path));
    } catch (IOException e) {
      throw new TrainingException(root.resolve(CHECKPOINTS) + " cannot be listed: " + e, e);
    }
    return found;
  }

  /** Deletes all but the newest checkpoints. */
  void keepNewest(int count) {
    NavigableMap<Long, Path> all = checkpoints();
    while (all.size() > count) {
      deleteFolder(all.pollFirstEntry().getValue());
    }
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
