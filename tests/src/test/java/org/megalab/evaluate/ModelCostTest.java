package org.megalab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.megalab.model.ByteTransformerConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.ModelConfig;
import tech.tablesaw.api.Table;

class ModelCostTest {

  @Test
  void oneRowAModelAndContext() {
    Map<String, ModelConfig> models = new LinkedHashMap<>();
    models.put("plain", ByteTransformerConfig.preset("text"));
    models.put("megabyte", MegabyteConfig.preset("text"));
    Table table = ModelCost.table(models, 1024, 8192);
    assertThat(table.stringColumn("model").asList())
        .containsExactly("plain", "plain", "megabyte", "megabyte");
    assertThat(table.intColumn("context").asList()).containsExactly(1024, 8192, 1024, 8192);
    assertThat(table.doubleColumn("forward FLOPs/byte").get(0)).isEqualTo(600_309_760);
    assertThat(table.doubleColumn("training FLOPs/byte").get(0)).isEqualTo(1_800_929_280);
    assertThat(table.doubleColumn("attention").get(3)).isEqualTo(7_340_032.0 + 589_824);
    for (int row = 0; row < 4; row++) {
      assertThat(
              table.longColumn("embedding").get(row) + table.longColumn("non-embedding").get(row))
          .isEqualTo(table.longColumn("parameters").get(row));
    }
    assertThat(ModelCost.table(models).intColumn("context").asList()).containsExactly(1024, 8192);
  }

  /** All that ship, and every one of their presets that is small. */
  @Test
  void everyArchitectureHasACost() {
    Map<String, ModelConfig> tiny = new LinkedHashMap<>();
    ModelConfig.presets()
        .forEach(
            (name, presets) -> {
              if (presets.contains("tiny")) {
                tiny.put(name, ModelConfig.preset(name, "tiny"));
              }
            });
    Table table = ModelCost.table(tiny);
    assertThat(table.rowCount()).isGreaterThanOrEqualTo(10);
    assertThat(table.doubleColumn("weights").min()).isPositive();
    assertThat(table.doubleColumn("output").min()).isPositive();
    table.forEach(
        row ->
            assertThat(row.getDouble("attention") + row.getDouble("recurrence"))
                .as(row.getString("model"))
                .isPositive());
  }
}
