package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DampedEmaTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  private DampedEma golden(boolean bidirectional, boolean silu) {
    DampedEma ema = Filled.layer(manager, new DampedEma(2, 2, bidirectional, silu), 0);
    Filled.set(ema, "delta", 1, 0.5, 0);
    Filled.set(ema, "alpha", 2, 0.5, 0);
    Filled.set(ema, "beta", 3, 0.5, 1);
    Filled.set(ema, "gamma", 4, 1, 0);
    Filled.set(ema, "omega", 5, 1, 0);
    return ema;
  }

  /** The oracle's input, which has channels first. */
  private double[] channelsFirst(DampedEma ema) {
    NDArray x = Filled.array(manager, 6, 1, 0, 1, 2, 5).swapAxes(1, 2);
    return ema.forward(Filled.store(manager), x, null, false).swapAxes(1, 2).toDoubleArray();
  }

  @Test
  void goldenCausal() {
    assertThat(channelsFirst(golden(false, false)))
        .containsExactly(
            new double[] {
              0.5595611706, 0.4939129341, -0.2027894517, -0.5378475827, -0.0400713523,
              0.9610906346, 0.4344019734, -0.7366108778, -0.8375475703, 0.2789401492
            },
            within(1e-9));
    assertThat(channelsFirst(golden(false, true)))
        .containsExactly(
            new double[] {
              0.3560773091, 0.3067336557, -0.0911489234, -0.1982981815, -0.0196343016,
              0.6951954103, 0.2636491256, -0.2384746010, -0.2529825379, 0.1587968245
            },
            within(1e-9));
  }

  @Test
  void goldenBidirectional() {
    DampedEma ema = golden(true, false);
    Filled.set(ema, "omega", 0, 0);
    assertThat(channelsFirst(ema))
        .containsExactly(
            new double[] {
              -0.1823229155, 0.3492038095, 0.6409934798, 0.3001355263, -0.1091322760,
              0.2503129537, -0.1682204636, -0.4645491802, -0.2478233202, 0.1051587423
            },
            within(1e-9));
  }

  /** The recurrence as it is written, one channel after the other. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 40})
  void convolutionIsTheRecurrence(int length) {
    DampedEma ema = Filled.layer(manager, new DampedEma(3, 4), 0.3);
    NDArray x = Filled.array(manager, 2, 1, 0, 2, length, 3);
    NDArray y = ema.forward(Filled.store(manager), x, null, false);
    for (int d = 0; d < 3; d++) {
      double[] h = new double[4];
      for (int t = 0; t < length; t++) {
        double u = x.getDouble(1, t, d);
        double sum = ema.weight("omega").getDouble(d) * u;
        for (int n = 0; n < 4; n++) {
          double p = sigmoid(ema.weight("delta").getDouble(d, n));
          double q = 1 - p * sigmoid(ema.weight("alpha").getDouble(d, n));
          h[n] = q * h[n] + p * ema.weight("beta").getDouble(d, n) * u;
          sum += ema.weight("gamma").getDouble(d, n) * h[n] / 2;
        }
        assertThat(y.getDouble(1, t, d)).isCloseTo(sum, within(1e-12));
      }
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void kernelIsTheResponseToAnImpulse() {
    DampedEma ema = Filled.layer(manager, new DampedEma(3, 4), 0.3);
    Filled.set(ema, "omega", 0, 0, 0);
    NDArray x = manager.zeros(new Shape(1, 12, 3), DataType.FLOAT64);
    x.set(new ai.djl.ndarray.index.NDIndex(":, 0"), 1);
    NDArray y = ema.forward(Filled.store(manager), x, null, false).squeeze(0).transpose();
    assertThat(Filled.distance(ema.kernel(Filled.store(manager), x, 12), y)).isLessThan(1e-12);
  }

  @Test
  void reversingTheInputAndExchangingTheKernelsReversesTheOutput() {
    DampedEma ema = Filled.layer(manager, new DampedEma(3, 4, true, true), 0.3);
    NDArray x = Filled.array(manager, 2, 1, 0, 2, 11, 3);
    NDArray y = ema.encode(Filled.store(manager), x, null, false);
    for (String name : new String[] {"delta", "alpha", "beta", "gamma"}) {
      NDArray w = ema.weight(name);
      Filled.set(ema, name, w.get("3:").concat(w.get(":3")).toDoubleArray());
    }
    NDArray back = ema.encode(Filled.store(manager), Filled.reversed(x), null, false);
    assertThat(Filled.distance(Filled.reversed(back), y)).isLessThan(1e-12);
    assertThat(Filled.distance(back, y)).isGreaterThan(0.1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void paddingIsReadAsZero(boolean bidirectional) {
    DampedEma ema = Filled.layer(manager, new DampedEma(3, 4, bidirectional, true), 0.3);
    NDArray x = Filled.array(manager, 2, 1, 0, 2, 11, 3);
    NDArray padding = Filled.padding(manager, 11, new int[] {7, 7}, new int[] {11, 11});
    NDArray shorter = ema.encode(Filled.store(manager), x.get(":, :7"), null, false);
    NDArray padded = ema.encode(Filled.store(manager), x, padding, false).get(":, :7");
    assertThat(Filled.distance(padded, shorter)).isLessThan(1e-12);
  }

  @Test
  void streamingIsTheFullForward() {
    DampedEma ema = Filled.layer(manager, new DampedEma(3, 4, false, true), 0.3);
    NDArray x = Filled.array(manager, 2, 1, 0, 2, 23, 3);
    NDArray y = ema.forward(Filled.store(manager), x, null, false);
    assertThat(Filled.distance(Filled.streamed(manager, ema, x, 1), y)).isLessThan(1e-12);
    assertThat(Filled.distance(Filled.streamed(manager, ema, x, 1, 6, 3), y)).isLessThan(1e-12);
  }

  @Test
  void gradients() {
    for (boolean bidirectional : new boolean[] {false, true}) {
      DampedEma ema = Filled.layer(manager, new DampedEma(3, 4, bidirectional, true), 0.3);
      NDArray x = Filled.array(manager, 2, 1, 0, 2, 7, 3);
      assertThat(Filled.gradientError(manager, ema, x, 12)).isLessThan(1e-8);
    }
  }

  /** Decays so close to 0 and 1 that σ rounds stay finite, in float32 too. */
  @Test
  void saturatedDecaysStayFinite() {
    DampedEma ema = new DampedEma(1, 3);
    ema.initialize(manager, DataType.FLOAT32, new Shape(1));
    ema.weight("delta").set(new float[] {40, -40, 20});
    ema.weight("alpha").set(new float[] {20, -40, 20});
    NDArray x = manager.ones(new Shape(1, 50, 1));
    NDArray y = ema.forward(Filled.store(manager), x, null, false);
    assertThat(y.isNaN().any().getBoolean()).isFalse();
    assertThat(y.abs().max().getFloat()).isLessThan(100);
  }

  @Test
  void bothDirectionsHaveNoState() {
    DampedEma ema = new DampedEma(1, 2, true, false);
    assertThatThrownBy(() -> ema.newState(manager, DataType.FLOAT32, 1, 8))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("bidirectional");
  }
}
