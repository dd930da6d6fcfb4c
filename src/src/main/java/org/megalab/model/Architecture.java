package org.megalab.model;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.json.RecordJson;

/**
 * An entry of the registry of architectures: how the text form of a configuration is read.
 *
 * <p>To add an architecture from outside the library, register it before its text form is read:
 *
 * <pre>
 * Architecture.register(new Architecture&lt;&gt;("mine", MyConfig.class, List.of("tiny"), MyConfig::preset));
 * </pre>
 *
 * @param name what stands under {@code "architecture"}
 * @param type the configuration, a record; its static {@code builder()}, where it has one, is what
 *     its text form is read through
 * @param presets the names of its presets
 * @param preset finds a preset by its name, or throws a {@link org.megalab.json.ConfigException}
 */
public record Architecture<C extends Record & ModelConfig>(
    String name, Class<C> type, List<String> presets, Function<String, C> preset) {

  private static final Map<String, Architecture<?>> BY_NAME = new ConcurrentSkipListMap<>();

  static {
    Stream.of(
            new Architecture<>(
                ByteTransformerConfig.ARCHITECTURE,
                ByteTransformerConfig.class,
                ByteTransformerConfig.presetNames(),
                ByteTransformerConfig::preset),
            new Architecture<>(
                HierarchicalMegabyteConfig.ARCHITECTURE,
                HierarchicalMegabyteConfig.class,
                HierarchicalMegabyteConfig.presetNames(),
                HierarchicalMegabyteConfig::preset),
            new Architecture<>(
                LlamaConfig.ARCHITECTURE,
                LlamaConfig.class,
                LlamaConfig.presetNames(),
                LlamaConfig::preset),
            new Architecture<>(
                MegaConfig.ARCHITECTURE,
                MegaConfig.class,
                MegaConfig.presetNames(),
                MegaConfig::preset),
            new Architecture<>(
                MegabyteConfig.ARCHITECTURE,
                MegabyteConfig.class,
                MegabyteConfig.presetNames(),
                MegabyteConfig::preset),
            new Architecture<>(
                MegalodonConfig.ARCHITECTURE,
                MegalodonConfig.class,
                MegalodonConfig.presetNames(),
                MegalodonConfig::preset),
            new Architecture<>(
                MultiStageMegabyteConfig.ARCHITECTURE,
                MultiStageMegabyteConfig.class,
                MultiStageMegabyteConfig.presetNames(),
                MultiStageMegabyteConfig::preset),
            new Architecture<>(
                PerceiverArConfig.ARCHITECTURE,
                PerceiverArConfig.class,
                PerceiverArConfig.presetNames(),
                PerceiverArConfig::preset),
            new Architecture<>(
                S4dConfig.ARCHITECTURE,
                S4dConfig.class,
                S4dConfig.presetNames(),
                S4dConfig::preset),
            new Architecture<>(
                TransformerXlConfig.ARCHITECTURE,
                TransformerXlConfig.class,
                TransformerXlConfig.presetNames(),
                TransformerXlConfig::preset))
        .forEach(Architecture::register);
  }

  /** Copies the names. */
  public Architecture {
    presets = List.copyOf(presets);
  }

  /**
   * Makes an architecture known. Registering a configuration of the same simple name again, as when
   * a notebook cell is run twice, replaces its entry.
   *
   * @throws IllegalArgumentException if the name belongs to another architecture
   */
  public static void register(Architecture<?> architecture) {
    BY_NAME.merge(
        architecture.name(),
        architecture,
        (old, added) -> {
          if (!old.type().getSimpleName().equals(added.type().getSimpleName())) {
            throw new IllegalArgumentException(
                "the name \""
                    + old.name()
                    + "\" belongs to "
                    + old.type().getName()
                    + "; register "
                    + added.type().getName()
                    + " under another");
          }
          return added;
        });
  }

  /** Returns the architectures by name. */
  static Map<String, Architecture<?>> byName() {
    return BY_NAME;
  }

  /** Reads keys, over a preset where one is named. */
  ModelConfig read(@Nullable String name, JsonObject keys) {
    return name == null
        ? RecordJson.read(keys, type)
        : RecordJson.readOver(preset.apply(name), keys, type);
  }
}
