package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Scale norm and batch norm. */
class NormTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void scaleNormIsRmsNormWithOneWeight() {
    NDArray x = Filled.array(manager, 1, 2, 0.5, 2, 5, 4);
    ScaleNorm scale = Filled.layer(manager, new ScaleNorm(NormWeight.PLAIN, 1e-5), 0);
    RmsNorm rms = Filled.layer(manager, new RmsNorm(4, NormWeight.PLAIN, 1e-5), 0);
    Filled.set(scale, "weight", 1.7);
    Filled.set(rms, "weight", 1.7, 1.7, 1.7, 1.7);
    NDArray y = scale.forward(Filled.store(manager), x, null, false);
    assertThat(Filled.distance(y, rms.forward(Filled.store(manager), x, null, false)))
        .isLessThan(1e-12);
    NDArray expected = x.mul(1.7).div(x.square().mean(new int[] {2}, true).add(1e-5).sqrt());
    assertThat(Filled.distance(y, expected)).isLessThan(1e-12);
    assertThat(Filled.gradientError(manager, scale, x, 20)).isLessThan(1e-8);
  }

  @Test
  void batchNormTakesTheBatchInTrainingAndTheRunningStatisticsAfterwards() {
    NDArray x = Filled.array(manager, 1, 2, 0.5, 2, 5, 3);
    BatchNorm norm = Filled.layer(manager, new BatchNorm(3, NormWeight.PLAIN, 1e-5), 0);
    Filled.set(norm, "weight", 1.5, 0.5, -2);
    Filled.set(norm, "bias", 0.1, 0.2, 0.3);
    NDArray flat = x.reshape(10, 3);
    NDArray mean = flat.mean(new int[] {0});
    NDArray variance = flat.sub(mean).square().mean(new int[] {0});

    NDArray before = norm.forward(Filled.store(manager), x, null, false);
    NDArray plain = x.div(Math.sqrt(1 + 1e-5)).mul(norm.weight("weight"));
    assertThat(Filled.distance(before, plain.add(norm.weight("bias")))).isLessThan(1e-12);

    NDArray y = norm.forward(Filled.store(manager), x, null, true);
    NDArray expected = x.sub(mean).div(variance.add(1e-5).sqrt()).mul(norm.weight("weight"));
    assertThat(Filled.distance(y, expected.add(norm.weight("bias")))).isLessThan(1e-12);
    assertThat(norm.weight("runningMean").toDoubleArray())
        .containsExactly(mean.mul(0.1).toDoubleArray(), within(1e-12));
    assertThat(norm.weight("runningVariance").toDoubleArray())
        .containsExactly(variance.mul(0.1 * 10 / 9).add(0.9).toDoubleArray(), within(1e-12));

    NDArray later = norm.forward(Filled.store(manager), x, null, false);
    assertThat(Filled.distance(later, before)).isGreaterThan(0.01);
    assertThat(Filled.gradientError(manager, norm, x, 30)).isLessThan(1e-7);
    assertThat(norm.namedParameters().get("runningMean").requiresGradient()).isFalse();
  }
}
