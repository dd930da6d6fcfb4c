package org.megalab.interop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;

/**
 * The files of a reference checkpoint, trusting nothing in them:
 *
 * <pre>
 * config.json                        the configuration
 * model.safetensors                  the tensors, or
 * model.safetensors.index.json       the file of each tensor, and beside it
 * model-00001-of-00003.safetensors   those files
 * </pre>
 *
 * A single file holds its configuration under the metadata key {@code config} or has a {@code
 * config.json} beside it.
 *
 * @param path where they were looked for, named in errors
 * @param config the configuration
 * @param tensors the file of each tensor
 */
record CheckpointFiles(Path path, JsonObject config, SortedMap<String, Safetensors> tensors) {

  static final String CONFIG = "config.json";
  static final String WHOLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  /** The metadata key of a single file's configuration. */
  static final String CONFIG_KEY = "config";

  private static final long MOST_JSON_BYTES = 64 << 20;
  private static final Pattern SHARD = Pattern.compile("[\\w-][\\w.-]*\\.safetensors");

  /**
   * Opens the files of a folder, or one file.
   *
   * @throws IllegalArgumentException if one is missing or malformed, or they contradict each other
   */
  static CheckpointFiles open(Path path) {
    if (!Files.isDirectory(path)) {
      Safetensors file = Safetensors.open(path);
      String config = file.metadata().get(CONFIG_KEY);
      return new CheckpointFiles(
          path,
          config == null ? json(path.resolveSibling(CONFIG)) : parse(config, path + ": config"),
          new TreeMap<>(ModelFile.tensors(file)));
    }
    JsonObject config = json(path.resolve(CONFIG));
    if (Files.exists(path.resolve(WHOLE))) {
      Safetensors file = Safetensors.open(path.resolve(WHOLE));
      return new CheckpointFiles(path, config, new TreeMap<>(ModelFile.tensors(file)));
    }
    if (!Files.exists(path.resolve(INDEX))) {
      throw new IllegalArgumentException(
          "%s holds neither %s nor %s; checkpoints of other forms (pickles, GGUF) must be"
                  .formatted(path, WHOLE, INDEX)
              + " converted to safetensors first");
    }
    return new CheckpointFiles(path, config, shards(path));
  }

  /** Opens the files that an index names, all in its folder. */
  private static SortedMap<String, Safetensors> shards(Path folder) {
    Path index = folder.resolve(INDEX);
    JsonElement map = json(index).get("weight_map");
    if (map == null || !map.isJsonObject()) {
      throw new IllegalArgumentException(
          index + ": \"weight_map\" must be an object from tensors to files");
    }
    Map<String, Safetensors> files = new TreeMap<>();
    SortedMap<String, Safetensors> tensors = new TreeMap<>();
    for (Map.Entry<String, JsonElement> entry : map.getAsJsonObject().entrySet()) {
      Safetensors file =
          files.computeIfAbsent(
              shardName(index, entry.getKey(), entry.getValue()),
              name -> Safetensors.open(folder.resolve(name)));
      tensors.put(entry.getKey(), file);
    }
    files.forEach((name, file) -> checkShard(index, name, file, tensors));
    return tensors;
  }

  private static String shardName(Path index, String tensor, JsonElement value) {
    String name =
        value.isJsonPrimitive() && value.getAsJsonPrimitive().isString() ? value.getAsString() : "";
    if (!SHARD.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "%s: the file of tensor %s is %s; it must be the name of a .safetensors file in the folder of the index"
              .formatted(index, tensor, value));
    }
    return name;
  }

  /** A shard holds exactly the tensors that the index says. */
  private static void checkShard(
      Path index, String name, Safetensors file, Map<String, Safetensors> tensors) {
    TreeSet<String> unlisted = new TreeSet<>(file.names());
    unlisted.removeIf(tensor -> tensors.get(tensor) == file);
    TreeSet<String> lacking = new TreeSet<>();
    tensors.forEach(
        (tensor, holder) -> {
          if (holder == file && !file.names().contains(tensor)) {
            lacking.add(tensor);
          }
        });
    if (!lacking.isEmpty() || !unlisted.isEmpty()) {
      throw new IllegalArgumentException(
          index
              + " contradicts "
              + name
              + ": "
              + (lacking.isEmpty()
                  ? "it does not place the file's tensors " + unlisted + " there"
                  : "the file lacks " + lacking));
    }
  }

  private static JsonObject json(Path path) {
    try {
      if (!Files.isRegularFile(path)) {
        throw new IllegalArgumentException(
            path + " is missing; a checkpoint has its configuration and its tensors in one folder");
      }
      if (Files.size(path) > MOST_JSON_BYTES) {
        throw new IllegalArgumentException(
            "%s has %d bytes, allowed are %d".formatted(path, Files.size(path), MOST_JSON_BYTES));
      }
      return parse(Files.readString(path), path.toString());
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(path + " is not UTF-8 text", e);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read: " + e, e);
    }
  }

  private static JsonObject parse(String text, String where) {
    try {
      return RecordJson.parse(text);
    } catch (ConfigException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }
}
