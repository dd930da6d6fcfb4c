package org.megalab.experiment;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.megalab.evaluate.Inference;
import org.megalab.json.RecordJson;

/**
 * What came of a run, as the file {@code score-INFERENCE.json} in its directory keeps it.
 *
 * @param steps the updates done
 * @param bytes the bytes trained on
 * @param seconds the time of training
 * @param bitsPerByte of the validation split
 * @param accuracy the share of right answers; NaN where there are none to give
 * @param folder the run's directory; null where it has none
 * @param error why it failed; empty where it did not
 */
record Outcome(
    long steps,
    long bytes,
    double seconds,
    double bitsPerByte,
    double accuracy,
    @Nullable Path folder,
    String error) {

  /** A run that failed. */
  static Outcome failed(@Nullable Path folder, Throwable problem) {
    return failed(folder, message(problem));
  }

  static Outcome failed(@Nullable Path folder, String message) {
    return new Outcome(0, 0, Double.NaN, Double.NaN, Double.NaN, folder, message);
  }

  /** What a problem says, on one line. */
  static String message(Throwable problem) {
    return Objects.requireNonNullElse(problem.getMessage(), problem.getClass().getSimpleName())
        .replaceAll("\\s+", " ");
  }

  boolean succeeded() {
    return error.isEmpty();
  }

  private static Path file(Path folder, Inference inference) {
    return folder.resolve("score-" + inference.name().toLowerCase(Locale.ROOT) + ".json");
  }

  /** Keeps it in the run's directory. */
  void write(Path folder, Inference inference) {
    JsonObject tree = new JsonObject();
    tree.addProperty("steps", steps);
    tree.addProperty("bytes", bytes);
    tree.addProperty("seconds", seconds);
    tree.addProperty("bitsPerByte", bitsPerByte);
    if (!Double.isNaN(accuracy)) {
      tree.addProperty("accuracy", accuracy);
    }
    writeAtomically(file(folder, inference), RecordJson.format(tree));
  }

  /** Reads what a run's directory keeps; null where there is nothing yet. */
  static @Nullable Outcome read(Path folder, Inference inference) {
    Path file = file(folder, inference);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      JsonObject tree = RecordJson.parse(Files.readString(file));
      JsonElement accuracy = tree.get("accuracy");
      return new Outcome(
          tree.get("steps").getAsLong(),
          tree.get("bytes").getAsLong(),
          tree.get("seconds").getAsDouble(),
          tree.get("bitsPerByte").getAsDouble(),
          accuracy == null ? Double.NaN : accuracy.getAsDouble(),
          folder,
          "");
    } catch (IOException | RuntimeException e) {
      return null; // damaged: the run's checkpoint is judged again
    }
  }

  /** Writes a file that appears whole or not at all. */
  static void writeAtomically(Path file, String text) {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(temporary, text);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e, e);
    }
  }
}
