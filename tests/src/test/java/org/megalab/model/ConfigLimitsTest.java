package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.json.ConfigException;

/** Every key of every configuration, with values that are silly: refused by name, or harmless. */
class ConfigLimitsTest {

  static Stream<String> architectures() {
    return ModelConfig.presets().entrySet().stream()
        .filter(entry -> entry.getValue().contains("tiny"))
        .map(entry -> entry.getKey());
  }

  /** Values next to the one of the preset and at the edges, small enough to be run. */
  private static List<?> silly(RecordComponent key, Object value) {
    if (value instanceof Integer number) {
      return List.of(0, -1, Integer.MIN_VALUE, 1, number + 1);
    } else if (value instanceof Double) {
      double infinity = Double.POSITIVE_INFINITY;
      return List.of(0.0, -1.0, 1.0, 1e-300, 1e300, Double.NaN, infinity, -infinity);
    } else if (value instanceof Boolean flag) {
      return List.of(!flag);
    } else if (value instanceof Enum) {
      return List.of(key.getType().getEnumConstants());
    } else if (value instanceof List<?> list) {
      Object[] negative = list.toArray();
      Arrays.setAll(negative, i -> negative[i] instanceof Integer ? -1 : negative[i]);
      return List.of(List.of(), List.of(negative));
    }
    return List.of();
  }

  private static Method setter(Object builder, String key) {
    return Arrays.stream(builder.getClass().getMethods())
        .filter(m -> m.getName().substring(3).equalsIgnoreCase(key))
        .filter(m -> m.getName().startsWith("set") || m.getName().startsWith("opt"))
        .findFirst()
        .orElseThrow();
  }

  /** The configuration, or null where it is refused with a message that names the key. */
  private static @Nullable ModelConfig build(ModelConfig base, String key, Object value)
      throws ReflectiveOperationException {
    Object builder = base.getClass().getMethod("toBuilder").invoke(base);
    setter(builder, key).invoke(builder, value);
    try {
      return (ModelConfig) builder.getClass().getMethod("build").invoke(builder);
    } catch (InvocationTargetException e) {
      assertThat(e.getCause())
          .as("%s = %s", key, value)
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining(key);
      return null;
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void aKeyIsRefusedByNameOrItsModelRuns(String architecture) throws Exception {
    ModelConfig tiny = ModelConfig.preset(architecture, "tiny");
    for (RecordComponent key : tiny.getClass().getRecordComponents()) {
      for (Object value : silly(key, key.getAccessor().invoke(tiny))) {
        ModelConfig config = build(tiny, key.getName(), value);
        if (config != null && !String.valueOf(value).matches("GROUP|BATCH")) { // classifiers' norms
          assertThat(finite(config)).as("%s = %s", key.getName(), value).isTrue();
        }
      }
    }
  }

  /** Whether a few symbols have a finite cost, in training too, and can be decoded. */
  private static boolean finite(ModelConfig config) {
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager(Device.cpu());
        DecodingState state = model.newDecodingState(1)) {
      NDArray ids = SequenceModel.ids(manager, new byte[Math.min(5, config.contextLength())]);
      NDArray loss = model.perByteLoss(new ParameterStore(manager, false), ids, true).mean();
      return Float.isFinite(loss.getFloat()) && !state.feed(ids).isNaN().any().getBoolean();
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void hugeSizesAreRefusedOrCounted(String architecture) throws Exception {
    ModelConfig tiny = ModelConfig.preset(architecture, "tiny");
    for (RecordComponent key : tiny.getClass().getRecordComponents()) {
      if (key.getType() == int.class) {
        ModelConfig config = build(tiny, key.getName(), Integer.MAX_VALUE);
        if (config != null) {
          assertThat(config.parameterCount()).as(key.getName()).isPositive();
        }
      }
    }
  }

  @Test
  void productsThatOverflowAreRefused() {
    assertThatThrownBy(() -> TransformerSize.of(1 << 30, 1, 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("feedForwardMultiple * modelDim = [4, 1073741824] is 4294967296");
    assertThatThrownBy(
            () ->
                TransformerXlConfig.preset("tiny").toBuilder()
                    .setHeads(1 << 20)
                    .optHeadDim(1 << 20)
                    .build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("heads * headDim");
    assertThatThrownBy(() -> LlamaConfig.llamaFeedForwardDim(1 << 30))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("modelDim = 1073741824 is too large");
    assertThat(LlamaConfig.llamaFeedForwardDim(4096)).isEqualTo(11008);
  }

  @Test
  void headsThatDoNotDivideTheWidthAreRefusedUnlessTheirOwnIsSet() {
    TransformerXlConfig.Builder builder =
        TransformerXlConfig.builder()
            .setContextLength(8)
            .setModelDim(16)
            .setLayers(1)
            .setHeads(3)
            .setSegmentLength(8);
    assertThatThrownBy(builder::build)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("heads = 3 does not divide modelDim = 16")
        .hasMessageContaining("set headDim");
    assertThat(builder.optHeadDim(4).build().headDim()).isEqualTo(4);
  }
}
