package org.megalab.train;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;
import org.megalab.interop.ModelFile;
import org.megalab.json.RecordJson;
import org.megalab.model.SequenceModel;

/**
 * The state of a run after some updates: {@code model.safetensors}, {@code optimizer.safetensors}
 * and {@code state.json} with the position and the checksums of the other two. The folder is
 * renamed into place when it is complete.
 *
 * @param step the updates done
 * @param bytes the bytes trained on
 * @param seconds the time spent
 * @param validationBpb the newest evaluation; NaN before the first
 * @param due the line of metrics of the newest update, while it waits for an evaluation
 */
record Checkpoint(
    long step, long bytes, double seconds, double validationBpb, @Nullable JsonObject due) {

  /** Before the first update. */
  static final Checkpoint START = new Checkpoint(0, 0, 0, Double.NaN, null);

  static final String MODEL = "model.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String STATE = "state.json";

  /** Writes the checkpoint; it appears whole or not at all. */
  void write(RunDirectory directory, SequenceModel model, AdamW optimizer) {
    Path folder = directory.checkpoint(step);
    Path temporary = folder.resolveSibling("." + folder.getFileName() + ".tmp");
    RunDirectory.deleteFolder(temporary);
    try {
      Files.createDirectories(temporary);
      ModelFile.save(model, temporary.resolve(MODEL));
      optimizer.save(temporary.resolve(OPTIMIZER));
      JsonObject state = new JsonObject();
      state.addProperty("step", step);
      state.addProperty("bytes", bytes);
      state.addProperty("seconds", seconds);
      if (!Double.isNaN(validationBpb)) {
        state.addProperty("validationBpb", validationBpb);
      }
      if (due != null) {
        state.add("due", due);
      }
      for (String name : List.of(MODEL, OPTIMIZER)) {
        state.addProperty(name, checksum(temporary.resolve(name)));
      }
      Files.writeString(temporary.resolve(STATE), RecordJson.format(state));
      Path aside = folder.resolveSibling("." + folder.getFileName() + ".old");
      RunDirectory.deleteFolder(aside);
      if (Files.exists(folder)) {
        Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
      RunDirectory.deleteFolder(aside);
    } catch (IOException e) {
      throw new TrainingException("the checkpoint " + folder + " cannot be written: " + e, e);
    }
  }

  /**
   * Reads a checkpoint into a model and an optimizer.
   *
   * @throws TrainingException if it is incomplete or corrupt; model and optimizer are then
   *     unchanged
   */
  static Checkpoint read(RunDirectory directory, long step, SequenceModel model, AdamW optimizer) {
    Path folder = directory.checkpoint(step);
    if (!Files.isDirectory(folder)) {
      throw new TrainingException(
          directory.root()
              + " has no checkpoint of step "
              + step
              + "; it has those of steps "
              + directory.checkpoints().keySet());
    }
    try {
      JsonObject state = RecordJson.parse(Files.readString(folder.resolve(STATE)));
      for (String name : List.of(MODEL, OPTIMIZER)) {
        if (checksum(folder.resolve(name)) != state.get(name).getAsLong()) {
          throw new IllegalArgumentException(name + " does not have the checksum of " + STATE);
        }
      }
      ModelFile.copyInto(folder.resolve(MODEL), model);
      optimizer.load(folder.resolve(OPTIMIZER));
      return new Checkpoint(
          state.get("step").getAsLong(),
          state.get("bytes").getAsLong(),
          state.get("seconds").getAsDouble(),
          state.has("validationBpb") ? state.get("validationBpb").getAsDouble() : Double.NaN,
          state.has("due") ? state.getAsJsonObject("due") : null);
    } catch (IOException | RuntimeException e) {
      List<Long> others =
          directory.checkpoints().keySet().stream().filter(other -> other != step).toList();
      throw new TrainingException(
          "the checkpoint "
              + folder
              + " is corrupt ("
              + e.getMessage()
              + "); "
              + (others.isEmpty()
                  ? "there is no other in this run"
                  : "resume from another step: Training.resume(directory, corpus, step) with step one of "
                      + others),
          e);
    }
  }

  private static long checksum(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    try (InputStream in = new CheckedInputStream(Files.newInputStream(file), crc)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return crc.getValue();
  }
}
