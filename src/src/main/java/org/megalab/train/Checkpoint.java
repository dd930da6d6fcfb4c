package org.megalab.train;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
   * @param parts writes the file of each name
   */
  static void write(RunDirectory directory, Position position, Map<String, Consumer<Path>> parts) {
    Path folder = directory.checkpoint(position.step());
    try {
      directory.replaceFolder(
          folder,
          temporary -> {
            JsonObject state = new JsonObject();
            position.write(state);
            for (Map.Entry<String, Consumer<Path>> part : parts.entrySet()) {
              Path file = temporary.resolve(part.getKey());
              part.getValue().accept(file);
              state.addProperty(part.getKey(), checksum(file));
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
   * @param parts takes the file of each name; asked only when all files are whole
   * @throws TrainingException if it is incomplete or corrupt
   */
  static Position read(RunDirectory directory, long step, Map<String, Consumer<Path>> parts) {
    Path folder = directory.existing(step);
    try {
      JsonObject state = RecordJson.parse(Files.readString(folder.resolve(STATE)));
      for (String name : parts.keySet()) {
        if (checksum(folder.resolve(name)) != state.get(name).getAsLong()) {
          throw new IllegalArgumentException(name + " does not have the checksum of " + STATE);
        }
      }
      Position position = Position.read(state);
      parts.forEach((name, part) -> part.accept(folder.resolve(name)));
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
