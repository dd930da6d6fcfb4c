package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Statistics worked out from their definitions. */
class NormStatisticsTest {
  private static final int T = 7;
  private static final int D = 5;
  private static final double EPSILON = 1e-5;

  private final NDManager manager = NDManager.newBaseManager();
  private final NDArray x = Filled.array(manager, 3, 1.5, 0.4, 1, T, D);
  private final double[] values = x.toType(DataType.FLOAT64, false).toDoubleArray();

  @AfterEach
  void free() {
    manager.close();
  }

  /** Checks mean and deviation at t against those of the values from {@code from} to {@code to}. */
  private void check(NormStatistics statistics, int t, int from, int to) {
    double[] seen = Arrays.copyOfRange(values, from * D, to * D);
    double mean = Arrays.stream(seen).average().orElseThrow();
    double variance = Arrays.stream(seen).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    assertThat(statistics.means()[t]).as("mean at %d", t).isCloseTo(mean, within(1e-9));
    assertThat(statistics.deviations()[t])
        .as("deviation at %d", t)
        .isCloseTo(Math.sqrt(variance + EPSILON), within(1e-9));
  }

  @Test
  void layerNormSeesAStepGroupNormAllTimestepNormThePast() {
    var layer = NormStatistics.of(new LayerNorm(D, NormWeight.PLUS_ONE, EPSILON), x);
    var group = NormStatistics.of(new GroupNorm(D, 1, NormWeight.PLUS_ONE, EPSILON), x);
    var timestep = NormStatistics.of(new TimestepNorm(D, 1, EPSILON), x);
    for (int t = 0; t < T; t++) {
      check(layer, t, t, t + 1);
      check(group, t, 0, T);
      check(timestep, t, 0, t + 1);
    }
  }

  @Test
  void aConstantStepHasNone() {
    NDArray constant = manager.ones(new Shape(1, 3, D), DataType.FLOAT64);
    var statistics = NormStatistics.of(new LayerNorm(D, NormWeight.PLUS_ONE, EPSILON), constant);
    assertThat(statistics.means()).hasSize(3).containsOnly(Double.NaN);
    assertThat(statistics.deviations()).containsOnly(Double.NaN);
  }

  @Test
  void batchesAreRefused() {
    NDArray batch = manager.ones(new Shape(2, 3, D));
    assertThatThrownBy(() -> NormStatistics.of(new TimestepNorm(D, 1, EPSILON), batch))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(2, 3, 5)");
  }
}
