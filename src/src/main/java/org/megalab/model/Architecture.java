package org.megalab.model;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.megalab.json.RecordJson;

/**
 * How the text form of an architecture's configuration is read.
 *
 * @param type the configuration
 * @param presets the names of its presets
 * @param preset finds a preset by its name
 */
record Architecture<C extends Record & ModelConfig>(
    Class<C> type, List<String> presets, Function<String, C> preset) {

  /** The architectures by the name under {@code "architecture"}. */
  static final Map<String, Architecture<?>> BY_NAME =
      new TreeMap<>(
          Map.of(
              MegabyteConfig.ARCHITECTURE,
              new Architecture<>(
                  MegabyteConfig.class, MegabyteConfig.presetNames(), MegabyteConfig::preset),
              MultiStageMegabyteConfig.ARCHITECTURE,
              new Architecture<>(
                  MultiStageMegabyteConfig.class,
                  MultiStageMegabyteConfig.presetNames(),
                  MultiStageMegabyteConfig::preset)));

  /** Reads keys, over a preset where one is named. */
  ModelConfig read(@Nullable String name, JsonObject keys) {
    return name == null
        ? RecordJson.read(keys, type)
        : RecordJson.readOver(preset.apply(name), keys, type);
  }
}
