package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.megalab.model.SequenceModel;
import tech.tablesaw.api.Table;

class GradientNormsTest extends TrainingFixture {

  /** Together they are the norm that the first step of such a training measures. */
  @Test
  void areThoseOfTheFirstStep() {
    try (SequenceModel model = model();
        SequenceModel trained = model()) {
      Table table = GradientNorms.of(model, corpus(), config(1));
      double all = 0;
      for (double norm : table.doubleColumn("gradient norm").asDoubleArray()) {
        assertThat(norm).isPositive();
        all += norm * norm;
      }
      Run run = training(trained, config(1), "one", TrainingListener.NONE).run();
      double first = run.metrics().doubleColumn("gradientNorm").get(0);
      assertThat(Math.sqrt(all)).isCloseTo(first, within(1e-6 * first));
      assertThat((long) table.longColumn("parameters").sum()).isEqualTo(model.parameterCount());
      assertThat(table.stringColumn("layer").asList())
          .contains("global.layers.0", "local.layers.0")
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void nothingIsChanged() {
    try (SequenceModel model = model()) {
      Map<String, float[]> before = new HashMap<>();
      model.namedParameters().forEach((n, p) -> before.put(n, p.getArray().toFloatArray()));
      Table first = GradientNorms.of(model, corpus(), config(1));
      Table again = GradientNorms.of(model, corpus(), config(1));
      assertThat(again.doubleColumn("gradient norm").asDoubleArray())
          .isEqualTo(first.doubleColumn("gradient norm").asDoubleArray());
      model
          .namedParameters()
          .forEach(
              (name, parameter) -> {
                NDArray array = parameter.getArray();
                assertThat(array.toFloatArray()).as(name).isEqualTo(before.get(name));
                try (NDArray gradient = array.getGradient()) {
                  assertThat(gradient.abs().max().getFloat()).as(name).isZero();
                }
              });
    }
  }

  @Test
  void layersAreNumberedOrStandAlone() {
    assertThat(GradientNorms.layer("global.layers.0.attention.qkv.weight"))
        .isEqualTo("global.layers.0");
    assertThat(GradientNorms.layer("layers.11.norm.weight")).isEqualTo("layers.11");
    assertThat(GradientNorms.layer("stack.norm.weight")).isEqualTo("stack.norm");
    assertThat(GradientNorms.layer("embedding.weight")).isEqualTo("embedding");
  }
}
