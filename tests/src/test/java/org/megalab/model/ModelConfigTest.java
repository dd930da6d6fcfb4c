package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;

/** What the configurations of all architectures promise. */
class ModelConfigTest {

  static Stream<Arguments> presets() {
    return ModelConfig.presets().entrySet().stream()
        .flatMap(
            entry -> entry.getValue().stream().map(name -> Arguments.of(entry.getKey(), name)));
  }

  static Stream<String> architectures() {
    return ModelConfig.presets().keySet().stream();
  }

  private static ModelConfig preset(String architecture, String name) {
    return ModelConfig.fromJson(
        "{\"architecture\": \"" + architecture + "\", \"preset\": \"" + name + "\"}");
  }

  @ParameterizedTest
  @MethodSource("presets")
  void presetsSurviveTheirText(String architecture, String name) {
    ModelConfig config = preset(architecture, name);
    assertThat(config.architecture()).isEqualTo(architecture);
    assertThat(ModelConfig.fromJson(config.toJson())).isEqualTo(config);
    assertThat(config.parameterCount()).isPositive();
    List<String> components =
        Arrays.stream(config.getClass().getRecordComponents()).map(c -> c.getName()).toList();
    JsonObject tree = RecordJson.tree((Record) config);
    assertThat(tree.keySet()).containsExactlyElementsOf(components);
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void tinyOnesCanBeCompared(String architecture) {
    ModelConfig tiny = preset(architecture, "tiny");
    assertThat(tiny.vocabularySize()).isEqualTo(256);
    assertThat(tiny.contextLength()).isEqualTo(256);
    assertThat(tiny.parameterCount()).isBetween(100_000L, 2_000_000L);
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void unknownPresetsAndKeysAreNamed(String architecture) {
    assertThatThrownBy(() -> preset(architecture, "huge"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("huge")
        .hasMessageContaining("tiny");
    assertThatThrownBy(
            () ->
                ModelConfig.fromJson(
                    "{\"architecture\": \""
                        + architecture
                        + "\", \"preset\": \"tiny\", \"vocabulariSize\": 300}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("vocabulariSize")
        .hasMessageContaining("vocabularySize");
  }
}
