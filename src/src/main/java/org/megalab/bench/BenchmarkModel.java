package org.megalab.bench;

import ai.djl.Device;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;

/**
 * A model that is measured: one that is there already, or a configuration, of which there is a
 * model only while it is measured.
 */
public final class BenchmarkModel {

  private static final String FORM = "[NAME=]ARCHITECTURE[:PRESET][{\"key\": value, ...}]";
  private static final Pattern TEXT =
      Pattern.compile("(?:([^={}]+)=)?([\\w-]+)(?::([\\w.-]+))?\\s*(\\{.*\\})?", Pattern.DOTALL);

  private final String name;
  private final ModelConfig config;
  private final Device device;
  private final @Nullable SequenceModel model;

  private BenchmarkModel(
      String name, ModelConfig config, Device device, @Nullable SequenceModel model) {
    this.name = name;
    this.config = config;
    this.device = device;
    this.model = model;
  }

  /** Returns a model that is there, and stays. */
  public static BenchmarkModel of(String name, SequenceModel model) {
    return new BenchmarkModel(name, model.config(), model.device(), model);
  }

  /** Returns what will be a model of a configuration on a device. */
  public static BenchmarkModel of(String name, ModelConfig config, Device device) {
    return new BenchmarkModel(name, config, device, null);
  }

  /**
   * Reads {@code [NAME=]ARCHITECTURE[:PRESET][{"key": value, ...}]}, such as {@code llama}, {@code
   * megabyte:155m} or <code>long=megalodon:200m-bytes{"chunkSize": 4096}</code>. The preset is
   * {@code tiny} when not named.
   *
   * @throws ConfigException if it has another form, there is no such architecture, preset or key,
   *     or values contradict each other
   */
  public static BenchmarkModel parse(String text, Device device) {
    Matcher parts = TEXT.matcher(text.strip());
    ConfigException.check(
        parts.matches(),
        "a model is %s, such as megabyte:155m; got \"%s\"; there are %s",
        FORM,
        text,
        ModelConfig.presets());
    String keys = parts.group(4);
    String preset = parts.group(3);
    JsonObject tree = keys == null ? new JsonObject() : RecordJson.parse(keys);
    for (String reserved : List.of("architecture", "preset")) {
      ConfigException.check(
          !tree.has(reserved), "\"%s\" stands before the braces: a model is %s", reserved, FORM);
    }
    tree.addProperty("architecture", parts.group(2));
    tree.addProperty("preset", preset == null ? "tiny" : preset);
    String given = parts.group(1);
    return of(given == null ? text.strip() : given.strip(), ModelConfig.fromTree(tree), device);
  }

  /** Returns how tables call it. */
  public String name() {
    return name;
  }

  /** Returns its configuration. */
  public ModelConfig config() {
    return config;
  }

  /** Returns where it computes. */
  public Device device() {
    return device;
  }

  /**
   * Returns the same for windows of so many bytes at least; a model that is there stays as it is.
   *
   * @throws ConfigException if the architecture cannot have such windows
   */
  public BenchmarkModel withContext(int bytes) {
    return model != null || config.contextLength() >= bytes
        ? this
        : of(name, config.withContextLength(bytes), device);
  }

  /** Measures something of it. */
  public <R> R measure(Function<SequenceModel, R> measurement) {
    if (model != null) {
      return measurement.apply(model);
    }
    try (SequenceModel built = config.newModel().initialize(device, 1)) {
      return measurement.apply(built);
    }
  }
}
