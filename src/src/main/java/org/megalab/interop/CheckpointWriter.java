package org.megalab.interop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.megalab.json.RecordJson;
import org.megalab.torchscript.Tensors;

/** Writes the files that {@link CheckpointFiles} reads, the configuration last. */
final class CheckpointWriter {

  private final Dtype dtype;
  private final long shardBytes;

  /**
   * Creates it.
   *
   * @param dtype F32 or BF16
   * @param shardBytes the most bytes of tensors in one file; a larger tensor has a file of its own
   */
  CheckpointWriter(Dtype dtype, long shardBytes) {
    if (dtype != Dtype.F32 && dtype != Dtype.BF16 || shardBytes < 1) {
      throw new IllegalArgumentException(
          "a checkpoint is written as F32 or BF16 in files of at least one byte, got %s and %d"
              .formatted(dtype, shardBytes));
    }
    this.dtype = dtype;
    this.shardBytes = shardBytes;
  }

  /** Writes one file with everything in it, replacing one that is there. */
  void writeFile(Path path, JsonObject config, Map<String, NDArray> tensors) {
    shard(tensors).metadata(CheckpointFiles.CONFIG_KEY, RecordJson.format(config)).write(path);
  }

  /** Writes a folder, which must not hold a checkpoint yet. */
  void writeFolder(Path folder, JsonObject config, Map<String, NDArray> tensors) {
    try {
      Files.createDirectories(folder);
      requireNone(folder);
      List<Map<String, NDArray>> shards = split(tensors);
      JsonObject files = new JsonObject();
      long total = 0;
      for (int i = 0; i < shards.size(); i++) {
        String name =
            shards.size() == 1
                ? CheckpointFiles.WHOLE
                : String.format(
                    Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
        shard(shards.get(i)).write(folder.resolve(name));
        for (Map.Entry<String, NDArray> tensor : shards.get(i).entrySet()) {
          files.addProperty(tensor.getKey(), name);
          total += bytes(tensor.getValue());
        }
      }
      if (shards.size() > 1) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("total_size", total);
        JsonObject index = new JsonObject();
        index.add("metadata", metadata);
        index.add("weight_map", files);
        Files.writeString(folder.resolve(CheckpointFiles.INDEX), RecordJson.format(index));
      }
      Files.writeString(folder.resolve(CheckpointFiles.CONFIG), RecordJson.format(config));
    } catch (IOException e) {
      throw new UncheckedIOException("the checkpoint " + folder + " cannot be written: " + e, e);
    }
  }

  /** Files of another checkpoint would be read together with these. */
  private static void requireNone(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      List<String> present =
          entries
              .map(path -> path.getFileName().toString())
              .filter(
                  name ->
                      name.equals(CheckpointFiles.CONFIG)
                          || name.startsWith("model") && name.contains(".safetensors"))
              .sorted()
              .toList();
      if (!present.isEmpty()) {
        throw new IllegalArgumentException(
            folder
                + " holds a checkpoint, or parts of one, already: "
                + present
                + "; choose another folder, or delete them");
      }
    }
  }

  /** Tensors in their order, as many to a file as fit. */
  private List<Map<String, NDArray>> split(Map<String, NDArray> tensors) {
    List<Map<String, NDArray>> shards = new ArrayList<>();
    long size = Long.MAX_VALUE;
    for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
      long bytes = bytes(tensor.getValue());
      if (size > shardBytes - bytes) {
        shards.add(new TreeMap<>());
        size = 0;
      }
      shards.get(shards.size() - 1).put(tensor.getKey(), tensor.getValue());
      size += bytes;
    }
    return shards;
  }

  private long bytes(NDArray tensor) {
    return tensor.size() * dtype.bytes();
  }

  /** Transformers asks for the metadata {@code format}. */
  private SafetensorsWriter shard(Map<String, NDArray> tensors) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    tensors.forEach(
        (name, array) -> {
          Supplier<float[]> values = () -> floats(array);
          long[] shape = array.getShape().getShape();
          if (dtype == Dtype.BF16) {
            writer.bfloat16s(name, values, shape);
          } else {
            writer.floats(name, values, shape);
          }
        });
    return writer;
  }

  private static float[] floats(NDArray array) {
    if (array.getDataType() == DataType.FLOAT32) {
      return Tensors.floats(array);
    }
    try (NDArray copy = array.toType(DataType.FLOAT32, true)) {
      return Tensors.floats(copy);
    }
  }
}
