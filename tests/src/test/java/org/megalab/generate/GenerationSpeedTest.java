package org.megalab.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.megalab.model.ByteTransformerConfig;
import org.megalab.model.HierarchicalMegabyteConfig;
import org.megalab.model.LlamaConfig;
import org.megalab.model.MegaConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.MegalodonConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.MultiStageMegabyteConfig;
import org.megalab.model.PerceiverArConfig;
import org.megalab.model.S4dConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerXlConfig;
import org.megalab.torchscript.Tensors;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

class GenerationSpeedTest {

  /** One call for all; and a batch of each writes what its sequences alone would. */
  @Test
  void allArchitecturesAreComparedInOneCall() {
    Map<String, SequenceModel> models = new LinkedHashMap<>();
    try {
      for (ModelConfig config :
          List.of(
              ByteTransformerConfig.preset("tiny"),
              HierarchicalMegabyteConfig.preset("tiny"),
              LlamaConfig.preset("tiny"),
              MegaConfig.preset("tiny"),
              MegabyteConfig.preset("tiny"),
              MegalodonConfig.preset("tiny"),
              MultiStageMegabyteConfig.preset("tiny"),
              PerceiverArConfig.preset("tiny"),
              S4dConfig.preset("tiny"),
              TransformerXlConfig.preset("tiny"))) {
        models.put(config.architecture(), config.newModel().initialize(Device.cpu(), 4));
      }
      Table table = GenerationSpeed.measure(models, 6, 12, 2);
      assertThat(table.rowCount()).isEqualTo(10);
      assertThat(table.doubleColumn("bytes/s").asDoubleArray()).doesNotContain(0, Double.NaN);
      List<byte[]> prompts = List.of(new byte[] {1, 2, 3}, new byte[0]);
      for (SequenceModel model : models.values()) {
        List<Generation> both =
            new Generator(model, Sampling.builder().build()).generate(prompts, 9);
        for (int i = 0; i < 2; i++) {
          Sampling own = Sampling.builder().optSeed(1 + i).build();
          assertThat(both.get(i).bytes())
              .as(model.config().architecture())
              .isEqualTo(new Generator(model, own).generate(prompts.get(i), 9).bytes());
        }
      }
    } finally {
      models.values().forEach(SequenceModel::close);
    }
  }

  @Test
  void modelsAreComparedInOneTable() {
    try (SequenceModel megabyte =
            BatchGenerationTest.MEGABYTE.newModel().initialize(Device.cpu(), 4);
        SequenceModel llama = LlamaConfig.preset("tiny").newModel().initialize(Device.cpu(), 4)) {
      Map<String, SequenceModel> models = new LinkedHashMap<>();
      models.put("small", megabyte);
      models.put("llama", llama);
      long held = Tensors.heldBytes(llama.manager());
      Table table = GenerationSpeed.measure(models, 5, 30, 2);
      assertThat(Tensors.heldBytes(llama.manager())).isEqualTo(held);
      assertThat(table.columnNames())
          .containsExactly("model", "parameters", "bytes/s", "ms per byte", "state MiB");
      assertThat(table.stringColumn("model").asList()).containsExactly("small", "llama");
      for (Row row : table) {
        assertThat(row.getDouble("bytes/s") * row.getDouble("ms per byte"))
            .isCloseTo(2000, within(1e-6));
        assertThat(row.getDouble("state MiB")).isPositive();
      }
      assertThat(table.longColumn("parameters").get(1)).isEqualTo(llama.parameterCount());
      assertThat(table.doubleColumn("state MiB").get(1))
          .isGreaterThan(table.doubleColumn("state MiB").get(0));
      assertThatThrownBy(() -> GenerationSpeed.measure(Map.of(), 5, 30, 2))
          .hasMessageContaining("0 models");
      assertThatThrownBy(() -> GenerationSpeed.measure(models, 5, 0, 2))
          .hasMessageContaining("0 new bytes");
    }
  }
}
