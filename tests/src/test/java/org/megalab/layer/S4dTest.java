package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class S4dTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void golden() {
    S4d layer = Filled.layer(manager, new S4d(2, 4, S4dInit.LIN, false, 0), 0);
    Filled.set(layer, "logStep", Math.log(0.05), Math.log(0.2));
    Filled.set(layer, "c", 1, 1, 0);
    Filled.set(layer, "skip", 3, 1, 0);
    NDArray u = Filled.array(manager, 2, 1, 0, 1, 2, 6);
    // logDecayRate and frequency are ln ½ and π n already.
    assertThat(layer.kernel(Filled.store(manager), u, 6, false).toDoubleArray())
        .containsExactly(
            new double[] {
              0.0534199131, 0.0676161824, 0.0811144383, 0.0935753586, 0.1047027261, 0.1142485954,
              0.2076803111, 0.1759894430, 0.0543628880, -0.0945938623, -0.2102316967, -0.2549851940
            },
            within(1e-9));
    assertThat(layer.mix(Filled.store(manager), u.swapAxes(1, 2), null, false).toDoubleArray())
        .containsExactly(
            new double[] {
              0.8597572050, 0.3561785556, -0.6017245284, -0.6008737686, 0.3661083604, 0.8899020644,
              -0.0178097910, 0.1539545188, -0.0671758069, -0.2554504144, -0.0020666132, 0.4306052087
            },
            within(1e-9));
  }

  /** The recurrence with complex numbers as it is written, up to the gelu. */
  @ParameterizedTest
  @EnumSource(S4dInit.class)
  void convolutionIsTheRecurrence(S4dInit init) {
    int modes = 3;
    int length = 17;
    S4d layer = Filled.layer(manager, new S4d(2, 2 * modes, init, false, 0), 0.1);
    NDArray x = Filled.array(manager, 2, 1, 0, 1, length, 2);
    NDArray v = layer.mix(Filled.store(manager), x, null, false); // (1, H, T)
    for (int h = 0; h < 2; h++) {
      double step = Math.exp(layer.weight("logStep").getDouble(h));
      double[] sRe = new double[modes];
      double[] sIm = new double[modes];
      for (int t = 0; t < length; t++) {
        double u = x.getDouble(0, t, h);
        double sum = layer.weight("skip").getDouble(h) * u;
        for (int n = 0; n < modes; n++) {
          double aRe = -Math.exp(layer.weight("logDecayRate").getDouble(h, n));
          double aIm = layer.weight("frequency").getDouble(h, n);
          double qRe = Math.exp(step * aRe) * Math.cos(step * aIm);
          double qIm = Math.exp(step * aRe) * Math.sin(step * aIm);
          double square = aRe * aRe + aIm * aIm;
          double bRe = ((qRe - 1) * aRe + qIm * aIm) / square;
          double bIm = (qIm * aRe - (qRe - 1) * aIm) / square;
          double next = qRe * sRe[n] - qIm * sIm[n] + bRe * u;
          sIm[n] = qRe * sIm[n] + qIm * sRe[n] + bIm * u;
          sRe[n] = next;
          NDArray c = layer.weight("c");
          sum += 2 * (c.getDouble(h, n, 0) * sRe[n] - c.getDouble(h, n, 1) * sIm[n]);
        }
        assertThat(v.getDouble(0, h, t)).isCloseTo(sum, within(1e-12));
      }
    }
  }

  @Test
  void outputIsTheGatedHalf() {
    S4d layer = Filled.layer(manager, new S4d(2, 4, S4dInit.LIN, false, 0), 0.1);
    NDArray x = Filled.array(manager, 2, 1, 0, 1, 5, 2);
    NDArray v = layer.mix(Filled.store(manager), x, null, false).swapAxes(1, 2); // (1, T, H)
    NDArray y = layer.forward(Filled.store(manager), x, null, false);
    NDArray gelu = v.div(Math.sqrt(2)).erf().add(1).mul(v).mul(0.5);
    NDArray both =
        gelu.matMul(layer.weight("out.weight").transpose()).add(layer.weight("out.bias"));
    NDArray expected = both.get("..., :2").div(both.get("..., 2:").neg().exp().add(1));
    assertThat(Filled.distance(y, expected)).isLessThan(1e-12);
  }

  @Test
  void streamingIsTheFullForward() {
    S4d layer = Filled.layer(manager, new S4d(3, 6, S4dInit.LIN, false, 0), 0.1);
    NDArray x = Filled.array(manager, 2, 1, 0, 2, 23, 3);
    NDArray y = layer.forward(Filled.store(manager), x, null, false);
    assertThat(Filled.distance(Filled.streamed(manager, layer, x, 1), y)).isLessThan(1e-12);
    assertThat(Filled.distance(Filled.streamed(manager, layer, x, 1, 6, 3), y)).isLessThan(1e-12);
  }

  @Test
  void reversingTheInputAndExchangingTheKernelsReversesTheOutput() {
    S4d layer = Filled.layer(manager, new S4d(3, 6, S4dInit.LIN, true, 0), 0.1);
    NDArray x = Filled.array(manager, 2, 1, 0, 2, 11, 3);
    NDArray y = layer.encode(Filled.store(manager), x, null, false);
    NDArray c = layer.weight("c");
    Filled.set(layer, "c", c.get("3:").concat(c.get(":3")).toDoubleArray());
    NDArray back = layer.encode(Filled.store(manager), Filled.reversed(x), null, false);
    assertThat(Filled.distance(Filled.reversed(back), y)).isLessThan(1e-12);
    assertThat(Filled.distance(back, y)).isGreaterThan(0.01);
    assertThatThrownBy(() -> layer.newState(manager, DataType.FLOAT32, 1, 8))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void paddingIsReadAsZero() {
    S4d layer = Filled.layer(manager, new S4d(3, 6, S4dInit.LIN, true, 0), 0.1);
    NDArray x = Filled.array(manager, 2, 1, 0, 2, 11, 3);
    NDArray padding = Filled.padding(manager, 11, new int[] {7, 7}, new int[] {11, 11});
    NDArray shorter = layer.encode(Filled.store(manager), x.get(":, :7"), null, false);
    NDArray padded = layer.encode(Filled.store(manager), x, padding, false).get(":, :7");
    assertThat(Filled.distance(padded, shorter)).isLessThan(1e-12);
  }

  @Test
  void gradients() {
    for (boolean bidirectional : new boolean[] {false, true}) {
      S4d layer = Filled.layer(manager, new S4d(3, 6, S4dInit.LIN, bidirectional, 0), 0.1);
      NDArray x = Filled.array(manager, 2, 1, 0, 2, 7, 3);
      assertThat(Filled.gradientError(manager, layer, x, 12)).isLessThan(1e-8);
    }
  }

  /** A dropped channel is dropped at all steps. */
  @Test
  void dropoutIsTiedOverTime() {
    S4d layer = Filled.layer(manager, new S4d(8, 4, S4dInit.LIN, false, 0.5), 0);
    double[] first = new double[2 * 8 * 8]; // a = gelu(v), b = 0
    for (int i = 0; i < 8; i++) {
      first[i * 8 + i] = 1;
    }
    Filled.set(layer, "out.weight", first);
    Filled.set(layer, "out.bias", 0, 0, 0);
    NDArray x = Filled.array(manager, 2, 1, 2, 4, 9, 8);
    NDArray y = layer.forward(Filled.store(manager), x, null, true);
    NDArray kept = y.neq(0).toType(DataType.INT32, false).sum(new int[] {1}); // (B, H)
    long[] counts = kept.toLongArray();
    assertThat(counts).containsOnly(0, 9).contains(0).contains(9);
  }

  @Test
  void eigenvaluesBeginWhereTheNameSays() {
    assertThat(S4dInit.INV.eigenvalues(manager, 2)[1])
        .containsExactly(new double[] {4 / Math.PI * 3, 4 / Math.PI / 3}, within(1e-12));
    assertThat(S4dInit.REAL.eigenvalues(manager, 3)[0]).containsExactly(1, 2, 3);
    assertThat(S4dInit.REAL.eigenvalues(manager, 3)[1]).containsOnly(0);
    assertThat(S4dInit.LEGS.eigenvalues(manager, 1)[1])
        .containsExactly(new double[] {Math.sqrt(0.75)}, within(1e-12));
    // All eigenvalues' squares sum to the matrix's squares: 2 Σ_n<k ¼ (2n + 1)(2k + 1).
    double matrix = 0;
    for (int k = 0; k < 8; k++) {
      for (int n = 0; n < k; n++) {
        matrix += 0.5 * (2 * n + 1) * (2 * k + 1);
      }
    }
    double squares = 0;
    for (double w : S4dInit.LEGS.eigenvalues(manager, 4)[1]) {
      assertThat(w).isPositive();
      squares += 2 * w * w;
    }
    assertThat(squares).isCloseTo(matrix, within(1e-9));
  }

  @Test
  void stepsBeginBetweenTheirBounds() {
    S4d layer = Filled.layer(manager, new S4d(500, 2, S4dInit.LIN, false, 0), 0);
    NDArray steps = layer.weight("logStep").exp();
    assertThat(steps.min().getDouble()).isBetween(0.000999, 0.0015);
    assertThat(steps.max().getDouble()).isBetween(0.07, 0.1001);
    assertThat(layer.weight("logStep").mean().getDouble()).isCloseTo(Math.log(0.01), within(0.2));
  }

  @Test
  void anOddNumberOfStatesIsRefused() {
    assertThatThrownBy(() -> new S4d(2, 5, S4dInit.LIN, false, 0))
        .hasMessageContaining("must be even and positive, got 5");
  }
}
