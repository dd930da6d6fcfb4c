package org.megalab.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.megalab.model.LlamaConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

class GenerationSpeedTest {

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
