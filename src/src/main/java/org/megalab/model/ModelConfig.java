package org.megalab.model;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import org.megalab.json.TaggedRecord;

/**
 * What an architecture is built from: immutable, checked when built, with one JSON text form.
 *
 * <pre>
 * {"architecture": "megabyte", "preset": "tiny", "patchSize": 8}
 * </pre>
 *
 * {@code architecture} chooses the configuration, {@code preset} (optional) where it starts from;
 * all other keys are those of its builder.
 */
public interface ModelConfig extends TaggedRecord, TrainableConfig {

  /** Returns the name that stands under {@code "architecture"} in the text form. */
  @Override
  String architecture();

  /** Returns V, the number of symbols; 256 for bytes. */
  int vocabularySize();

  /** Returns T, the number of bytes that a training window or a decoding state holds. */
  int contextLength();

  @Override
  SequenceModel newModel();

  /**
   * Returns the same configuration for windows of another length, or of the next longer one that it
   * can have, such as a multiple of its patch or chunk size.
   *
   * @param bytes T
   * @throws ConfigException if the architecture cannot have such windows
   */
  default ModelConfig withContextLength(int bytes) {
    ConfigException refused = null;
    for (int length = bytes; length - bytes < 4096; length++) {
      JsonObject object = toTree();
      object.addProperty("contextLength", length);
      try {
        return fromTree(object);
      } catch (ConfigException e) {
        refused = refused == null ? e : refused;
      }
    }
    throw Objects.requireNonNull(refused);
  }

  /**
   * Returns how many of the parameters are {@link SequenceModel#embeddingParameterCount()
   * embeddings}, without allocating them.
   */
  default long embeddingParameterCount() {
    return newModel().embeddingParameterCount();
  }

  /**
   * Returns what the forward pass of a byte costs in windows of a length.
   *
   * <p>By default that is 2 · non-embedding parameters (Kaplan et al. 2020), which knows neither
   * attention nor the output matrix; architectures where these matter, or whose weights are not
   * applied once a byte, say it themselves.
   *
   * @param contextLength T, the bytes of a window; how long windows cost more depends on attention
   */
  default Flops flops(int contextLength) {
    SequenceModel model = newModel();
    return Flops.weights((double) (model.parameterCount() - model.embeddingParameterCount()));
  }

  /** Returns the operations of a byte's forward pass; training takes 3 times as many. */
  default double flopsPerByte(int contextLength) {
    return flops(contextLength).total();
  }

  @Override
  default String toJson() {
    return RecordJson.format(toTree());
  }

  @Override
  default JsonObject toTree() {
    JsonObject object = new JsonObject();
    object.addProperty("architecture", architecture());
    RecordJson.tree((Record) this).asMap().forEach(object::add);
    return object;
  }

  /**
   * Reads the text form.
   *
   * @throws ConfigException if the text is malformed, a key is unknown, or values contradict each
   *     other
   */
  static ModelConfig fromJson(String json) {
    return fromTree(RecordJson.parse(json));
  }

  /**
   * Reads the JSON tree of the text form, and takes keys out of it.
   *
   * @throws ConfigException if a key is unknown, or values contradict each other
   */
  static ModelConfig fromTree(JsonObject object) {
    String architecture =
        takeString(object, "architecture", Architecture.byName().keySet().toString());
    Architecture<?> entry = architecture(architecture);
    String preset =
        object.has("preset") ? takeString(object, "preset", entry.presets().toString()) : null;
    return entry.read(preset, object);
  }

  /**
   * Returns a preset of an architecture.
   *
   * @throws ConfigException if there is no such architecture or preset
   */
  static ModelConfig preset(String architecture, String name) {
    return architecture(architecture).preset().apply(name);
  }

  private static Architecture<?> architecture(String name) {
    Architecture<?> entry = Architecture.byName().get(name);
    if (entry == null) {
      throw new ConfigException(
          "unknown architecture \"" + name + "\"; allowed are " + Architecture.byName().keySet());
    }
    return entry;
  }

  /** Returns the architectures that {@link #fromJson} knows, each with the names of its presets. */
  static Map<String, List<String>> presets() {
    Map<String, List<String>> presets = new TreeMap<>();
    Architecture.byName().forEach((name, entry) -> presets.put(name, entry.presets()));
    return presets;
  }

  private static String takeString(JsonObject object, String key, String allowed) {
    JsonElement value = object.remove(key);
    ConfigException.check(
        value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isString(),
        "the key \"%s\" is missing or not a text; allowed are %s",
        key,
        allowed);
    return value.getAsString();
  }
}
