package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.megalab.json.ConfigException;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;

/**
 * Models under the names and with the configuration of their reference implementations: a folder
 * with {@code config.json} and {@code model.safetensors}, or its parts and their index, as Hugging
 * Face stores them; or a single safetensors file.
 *
 * <pre>
 * SequenceModel model = ReferenceCheckpoint.load(Path.of("TinyLlama"), Device.cpu());
 * ReferenceCheckpoint.save(model, Path.of("mine"), Dtype.BF16, 5L &lt;&lt; 30);
 * </pre>
 *
 * Tensors of any floating-point type are read as float32, one at a time. Tables that a reference
 * stores next to its parameters are written, and skipped in reading.
 */
public final class ReferenceCheckpoint {

  /** The most bytes of a file when nothing else is asked for. */
  private static final long SHARD_BYTES = 5L << 30;

  private static final List<ReferenceLayout<?>> LAYOUTS =
      List.of(new CommunityMegabyteLayout(), new LlamaLayout(), new MegalodonLayout());

  private ReferenceCheckpoint() {}

  /**
   * Reads a model.
   *
   * @param path a folder, or a {@code .safetensors} file
   * @param device of the parameters
   * @throws ConfigException if the configuration asks for what is not here, with the reason
   * @throws IllegalArgumentException if files are missing, malformed or contradict each other, or
   *     tensors are missing, unknown, of another shape or quantised, naming them
   */
  public static SequenceModel load(Path path, Device device) {
    CheckpointFiles files = CheckpointFiles.open(path);
    for (ReferenceLayout<?> layout : LAYOUTS) {
      if (layout.describes(files.config())) {
        return load(files, layout, device);
      }
    }
    JsonElement type = files.config().get("model_type");
    throw new ConfigException(
        path
            + ": the configuration"
            + (type == null ? "" : " of \"model_type\": " + type)
            + " is of no reference that is known here; known are "
            + titles());
  }

  private static <C extends ModelConfig> SequenceModel load(
      CheckpointFiles files, ReferenceLayout<C> layout, Device device) {
    C config;
    try {
      config = layout.read(files.config());
    } catch (ConfigException e) {
      throw new ConfigException(files.path() + ": " + e.getMessage());
    }
    TreeSet<String> unknown = new TreeSet<>(files.tensors().keySet());
    config
        .newModel()
        .namedParameters()
        .keySet()
        .forEach(name -> unknown.remove(layout.tensor(config, name)));
    unknown.removeIf(tensor -> layout.isBuffer(config, tensor));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          files.path()
              + " holds tensors that are no parameters of a "
              + layout.title()
              + " of this configuration: "
              + unknown);
    }
    return ModelFile.load(
        config.newModel(),
        files.tensors(),
        files.path(),
        name -> layout.tensor(config, name),
        device);
  }

  /**
   * Writes a model as F32 in files of at most 5 GiB; see {@link #save(SequenceModel, Path, Dtype,
   * long)}.
   */
  public static void save(SequenceModel model, Path path) {
    save(model, path, Dtype.F32, SHARD_BYTES);
  }

  /**
   * Writes a model.
   *
   * @param model whose architecture has a reference
   * @param path a folder without a checkpoint, which is created if need be; or a {@code
   *     .safetensors} file, which holds everything and replaces one that is there
   * @param dtype F32, or BF16, which rounds
   * @param shardBytes the most bytes of tensors in one file of a folder; more are divided among
   *     several
   * @throws ConfigException if the reference has no counterpart of the configuration, with the
   *     reason
   * @throws IllegalArgumentException if the architecture has no reference, or the folder holds a
   *     checkpoint already
   * @throws java.io.UncheckedIOException if a file cannot be written
   */
  public static void save(SequenceModel model, Path path, Dtype dtype, long shardBytes) {
    CheckpointWriter writer = new CheckpointWriter(dtype, shardBytes);
    for (ReferenceLayout<?> layout : LAYOUTS) {
      if (layout.type().isInstance(model.config())) {
        save(model, path, writer, layout);
        return;
      }
    }
    throw new IllegalArgumentException(
        "models of the architecture \""
            + model.config().architecture()
            + "\" have no reference layout; there are "
            + titles()
            + "; ModelFile saves any model");
  }

  private static <C extends ModelConfig> void save(
      SequenceModel model, Path path, CheckpointWriter writer, ReferenceLayout<C> layout) {
    C config = layout.type().cast(model.config());
    JsonObject json = layout.write(config);
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    try (NDManager scratch = model.manager().newSubManager()) {
      model
          .namedParameters()
          .forEach(
              (name, p) -> {
                String tensor = layout.tensor(config, name);
                NDArray array = p.getArray();
                NDArray shaped = array.reshape(layout.shape(tensor, array.getShape())); // no copy
                shaped.attach(scratch);
                tensors.put(tensor, shaped);
              });
      layout.buffers(config).forEach((name, values) -> tensors.put(name, scratch.create(values)));
      write(path, writer, json, tensors);
    }
  }

  private static void write(
      Path path, CheckpointWriter writer, JsonObject json, Map<String, NDArray> tensors) {
    if (path.toString().endsWith(".safetensors")) {
      writer.writeFile(path, json, tensors);
    } else {
      writer.writeFolder(path, json, tensors);
    }
  }

  private static List<String> titles() {
    return LAYOUTS.stream().map(ReferenceLayout::title).toList();
  }
}
