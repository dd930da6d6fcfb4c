package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.json.ConfigException;
import org.megalab.torchscript.Tensors;

/** What the MEGABYTE of S levels promises; its rows see the whole past, whatever S is. */
class HierarchicalMegabyteTest extends ModelContract {

  static Stream<ModelConfig> configs() {
    TransformerSize wide = TransformerSize.of(24, 1, 2);
    return Stream.of(
        config(List.of(TransformerSize.of(8, 2, 2)), List.of(LENGTH)),
        config(List.of(TransformerSize.of(16, 2, 2), TransformerSize.of(8, 2, 2)), List.of(6, 4)),
        config(List.of(wide, wide, TransformerSize.of(8, 2, 2)), List.of(4, 2, 3)),
        config(List.of(wide, wide, wide, TransformerSize.of(6, 1, 2)), List.of(2, 2, 3, 2)));
  }

  private static HierarchicalMegabyteConfig config(
      List<TransformerSize> levels, List<Integer> lengths) {
    return HierarchicalMegabyteConfig.builder()
        .optVocabularySize(11)
        .setLevels(levels)
        .setLengths(lengths)
        .optDropout(0)
        .optInitStd(0.3)
        .build();
  }

  /** The example of the community's hole: three levels of 2, 2 and 3. */
  @Test
  void threeLevelsHaveNoHole() {
    TransformerSize size = TransformerSize.of(12, 1, 2);
    HierarchicalMegabyteConfig config = config(List.of(size, size, size), List.of(2, 2, 3));
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, 12);
      NDArray rows = model.logits(ids);
      for (int t = 0; t < 12; t++) {
        float[] moved = moved(model, ids, rows, t);
        for (int row = 0; row < 12; row++) {
          assertThat(moved[row] > 1e-6f).as("row %d after id %d", row, t).isEqualTo(t < row);
        }
      }
    }
  }

  @Test
  void twoLevelsAreMegabyte() {
    MegabyteConfig paper =
        MegabyteConfig.builder()
            .optVocabularySize(11)
            .setContextLength(LENGTH)
            .setPatchSize(4)
            .setGlobal(TransformerSize.of(16, 2, 2))
            .setLocal(TransformerSize.of(8, 2, 2))
            .optInitStd(0.3)
            .optDropout(0)
            .build();
    HierarchicalMegabyteConfig two = config(List.of(paper.global(), paper.local()), List.of(6, 4));
    Map<String, String> names =
        Map.of(
            "levels.0.embedding.weight", "globalEmbedding.weight",
            "levels.0.position.weight", "globalPosition.weight",
            "levels.0.pad.weight", "globalPad.weight",
            "levels.1.fromAbove.weight", "globalToLocal.weight",
            "levels.1.embedding.weight", "localEmbedding.weight",
            "levels.1.pad.weight", "localPad.weight");
    try (SequenceModel expected = model(paper);
        SequenceModel model = model(two);
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(model.parameterCount()).isEqualTo(expected.parameterCount());
      for (String name : model.namedParameters().keySet()) {
        String inner =
            name.replace("levels.0.transformer.", "global.")
                .replace("levels.1.transformer.", "local.");
        NDArray target = model.weight(name);
        NDArray source = expected.weight(names.getOrDefault(name, inner));
        Tensors.assign(target, source.reshape(target.getShape()));
      }
      for (int length : new int[] {LENGTH, 10, 1}) {
        NDArray ids = ids(manager, 2, length);
        NDArray apart = model.logits(ids).sub(expected.logits(ids)).abs();
        assertThat(apart.max().getFloat()).isLessThan(1e-6f);
      }
    }
  }

  @Test
  void presetsAreOfThreeLevels() {
    for (String name : HierarchicalMegabyteConfig.presetNames()) {
      HierarchicalMegabyteConfig preset = HierarchicalMegabyteConfig.preset(name);
      assertThat(preset.levels()).hasSize(3);
      assertThat(preset.toBuilder().build()).isEqualTo(preset);
      assertThat(ModelConfig.fromJson(preset.toJson())).isEqualTo(preset);
    }
    HierarchicalMegabyteConfig large = HierarchicalMegabyteConfig.preset("enwik8");
    assertThat(large.contextLength()).isEqualTo(8192);
    assertThat(large.bytesPerItem(0)).isEqualTo(16);
    assertThat(large.patchSize()).isEqualTo(4);
    // Tables, pads and matrices from above; then 12 L W² + 13 L W + 2 W a Transformer.
    long tables =
        (256 + 8192) * 48L + 768 + 256 * 128L + 512 + 192 * 512L + 256 * 256L + 256 + 128 * 256L;
    long transformers =
        large.levels().stream()
            .mapToLong(
                s ->
                    s.layers() * (12L * s.modelDim() * s.modelDim() + 13L * s.modelDim())
                        + 2L * s.modelDim())
            .sum();
    assertThat(large.parameterCount()).isEqualTo(tables + transformers);
    assertThat(HierarchicalMegabyteConfig.preset("tiny").contextLength()).isEqualTo(256);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"lengths\": [64, 4] | one entry a level, at least one; got 3 and 2",
        "\"lengths\": [16, 4, 0] | lengths must be positive, got [16, 4, 0]",
        "\"lengths\": [16, 4, 5] | level 0 has 20 bytes, which do not divide its modelDim = 128; take modelDim = 120",
        "\"lengths\": [99999, 99999, 1] | more than 2^31",
        "\"levels\": [5] | levels must be an object",
        "\"levels\": [{\"modelDim\": 8, \"layers\": 1, \"heads\": 3}] | in \"levels\": heads = 3 does not divide modelDim = 8",
        "\"preset\": \"huge\" | there are [tiny, enwik8]",
      })
  void wrongValuesAreNamed(String key, String message) {
    String preset = key.contains("preset") ? "" : ", \"preset\": \"tiny\"";
    String json = "{\"architecture\": \"megabyte-hierarchical\"" + preset + ", " + key + "}";
    assertThatThrownBy(() -> ModelConfig.fromJson(json))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }
}
