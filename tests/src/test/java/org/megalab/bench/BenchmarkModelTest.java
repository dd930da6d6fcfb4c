package org.megalab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.json.ConfigException;
import org.megalab.model.LlamaConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.MegalodonConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;

class BenchmarkModelTest {

  private static BenchmarkModel parse(String text) {
    return BenchmarkModel.parse(text, Device.cpu());
  }

  @Test
  void anArchitectureIsEnough() {
    assertThat(parse("llama").config()).isEqualTo(LlamaConfig.preset("tiny"));
    assertThat(parse("llama").name()).isEqualTo("llama");
    assertThat(parse(" megabyte:pg19-1.3b ").config())
        .isEqualTo(MegabyteConfig.preset("pg19-1.3b"));
    assertThat(parse(" megabyte:pg19-1.3b ").name()).isEqualTo("megabyte:pg19-1.3b");
  }

  @Test
  void valuesMayBeOthersAndNamesToo() {
    BenchmarkModel model = parse("wide one=megalodon:tiny{\"valueDim\": 512, \"ema\": \"none\"}");
    assertThat(model.name()).isEqualTo("wide one");
    assertThat(model.config())
        .isEqualTo(
            MegalodonConfig.preset("tiny").toBuilder()
                .setValueDim(512)
                .optEma(MegalodonConfig.Ema.NONE)
                .build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "lama", ":tiny", "llama:", "llama:tiny:x", "a=b=llama", "llama tiny"})
  void otherFormsAreRefused(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("llama");
  }

  @Test
  void unknownKeysAndPresetsAreNamed() {
    assertThatThrownBy(() -> parse("llama:huge")).hasMessageContaining("huge");
    assertThatThrownBy(() -> parse("llama{\"layer\": 3}")).hasMessageContaining("layers");
    assertThatThrownBy(() -> parse("llama{\"preset\": \"tiny\"}"))
        .hasMessageContaining("\"preset\" stands before the braces");
  }

  /** The models of the benchmark table: about 155 million parameters each, over bytes. */
  @ParameterizedTest
  @CsvSource({
    "llama:155m",
    "megalodon:200m-bytes",
    "megabyte:155m",
    "megabyte-multistage:8k",
  })
  void modelsOfEqualSize(String text) {
    ModelConfig config = parse(text).config();
    assertThat(config.vocabularySize()).isEqualTo(256);
    assertThat(config.contextLength()).isGreaterThanOrEqualTo(8192);
    assertThat(config.parameterCount()).isBetween(150_000_000L, 165_000_000L);
  }

  @Test
  void contextsGrowWhereTheyMust() {
    BenchmarkModel tiny = parse("megabyte");
    assertThat(tiny.withContext(200)).isSameAs(tiny);
    assertThat(tiny.withContext(257).config().contextLength()).isEqualTo(260); // patches of 4
    try (SequenceModel model = tiny.config().newModel().initialize(Device.cpu(), 1)) {
      BenchmarkModel there = BenchmarkModel.of("there", model);
      assertThat(there.withContext(300)).isSameAs(there);
    }
  }

  @Test
  void aModelThatIsThereStays() {
    BenchmarkModel text = parse("llama");
    SequenceModel built = text.measure(model -> model);
    assertThatThrownBy(() -> built.manager().zeros(new Shape(1)))
        .isInstanceOf(IllegalStateException.class);
    try (SequenceModel model = text.config().newModel().initialize(Device.cpu(), 1)) {
      assertThat(BenchmarkModel.of("there", model).<SequenceModel>measure(m -> m)).isSameAs(model);
      assertThat(model.manager().isOpen()).isTrue();
    }
  }

  @Test
  void namesAreDifferent() {
    assertThatThrownBy(() -> Models.distinct(List.of(parse("llama"), parse("llama"))))
        .hasMessageContaining("[llama, llama]");
    assertThatThrownBy(() -> Models.distinct(List.of())).hasMessageContaining("at least one");
  }
}
