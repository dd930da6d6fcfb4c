package org.megalab.model;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.megalab.json.RecordJson;

/** The architectures by the name that the text form of their configuration carries. */
final class Architectures {

  static final Map<String, Architecture> BY_NAME =
      new TreeMap<>(
          Map.of(
              MegabyteConfig.ARCHITECTURE,
              new Architecture(MegabyteConfig.presetNames(), Architectures::megabyte),
              MultiStageMegabyteConfig.ARCHITECTURE,
              new Architecture(
                  MultiStageMegabyteConfig.presetNames(), Architectures::multiStageMegabyte)));

  private Architectures() {}

  /** The presets, and what reads a configuration from a preset's name (or none) and JSON keys. */
  record Architecture(List<String> presets, BiFunction<String, JsonObject, ModelConfig> read) {}

  private static ModelConfig megabyte(String preset, JsonObject keys) {
    MegabyteConfig.Builder builder =
        preset.isEmpty() ? MegabyteConfig.builder() : MegabyteConfig.preset(preset).toBuilder();
    RecordJson.apply(keys, builder, MegabyteConfig.ARCHITECTURE);
    return builder.build();
  }

  private static ModelConfig multiStageMegabyte(String preset, JsonObject keys) {
    MultiStageMegabyteConfig.Builder builder =
        preset.isEmpty()
            ? MultiStageMegabyteConfig.builder()
            : MultiStageMegabyteConfig.preset(preset).toBuilder();
    RecordJson.apply(keys, builder, MultiStageMegabyteConfig.ARCHITECTURE);
    return builder.build();
  }
}
