package org.megalab.train;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.megalab.json.RecordJson;

/**
 * The state of a run after some updates: the files of its parts, such as {@code model.safetensors}
 * and {@code optimizer.safetensors}, and {@code state.json} with the position and the checksums of
 * the others. The folder is renamed into place when it is complete.
 */
final class Checkpoint {

  static final String MODEL = "model.safetensors";
  static final String OPTIMIZER = "optimizer.safetensors";
  static final String AVERAGE = "average.safetensors";
  static final String CARRIED = "carried.safetensors";
  private static final String STATE = "state.json";

  private Checkpoint() {}

  /**
   * Writes a checkpoint; it appears whole or not at all.
   *
   * @param parts its files
   */
  static void write(RunDirectory directory, Position position, List<Checkpoints.Part> parts) {
    Path folder = directory.checkpoint(position.step());
    try {
      directory.replaceFolder(
          folder,
          temporary -> {
            JsonObject state = new JsonObject();
            position.write(state);
            for (Checkpoints.Part part : parts) {
              Path file = temporary.resolve(part.name());
              part.writer().accept(file);
              state.addProperty(part.name(), checksum(file));
            }
            Files.writeString(temporary.resolve(STATE), RecordJson.format(state));
          });
    } catch (IOException e) {
      throw new TrainingException("the checkpoint " + folder + " cannot be written: " + e, e);
    }
  }

  /**
   * Reads a checkpoint.
   *
   * @param parts its files; they are taken only when all are whole
   * @throws TrainingException if it is incomplete or corrupt
   */
  static Position read(RunDirectory directory, long step, List<Checkpoints.Part> parts) {
    Path folder = directory.existing(step);
    try {
      JsonObject state = RecordJson.parse(Files.readString(folder.resolve(STATE)));
      for (Checkpoints.Part part : parts) {
        if (checksum(folder.resolve(part.name())) != state.get(part.name()).getAsLong()) {
          throw new IllegalArgumentException(
              part.name() + " does not have the checksum of " + STATE);
        }
      }
      Position position = Position.read(state);
      parts.forEach(part -> part.reader().accept(folder.resolve(part.name())));
      return position;
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
                  : "resume from another step: Training.resume(directory, data, step) with step one of "
                      + others),
          e);
    }
  }

  /** Reads where a checkpoint stands. */
  static Position position(Path folder) {
    try {
      return Position.read(RecordJson.parse(Files.readString(folder.resolve(STATE))));
    } catch (IOException | RuntimeException e) {
      throw new TrainingException(folder.resolve(STATE) + " cannot be read: " + e.getMessage(), e);
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
