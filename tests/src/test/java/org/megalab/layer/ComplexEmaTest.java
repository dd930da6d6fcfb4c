package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.megalab.torchscript.GradientCheck;

/** The written oracle, worked out in float64, and what the layer is said to be. */
class ComplexEmaTest {
  private static final double TOLERANCE = 1e-9;

  private final NDManager manager = NDManager.newBaseManager();
  private final ParameterStore store = new ParameterStore(manager, false);

  @AfterEach
  void free() {
    manager.close();
  }

  private NDArray filled(int n, double scale, long... shape) {
    return Filled.array(manager, n, scale, 0, shape);
  }

  /** D = 2, N = 2, with the oracle's parameters. */
  private ComplexEma oracle() {
    ComplexEma ema = new ComplexEma(2, 2);
    ema.initialize(manager, DataType.FLOAT64, new Shape(1, 5, 2));
    double[] scales = {0.5, 0.5, 1, 1, 0.3};
    int n = 0;
    for (NDArray array : arrays(ema)) {
      double[] values = GradientCheck.fill(n + 1, (int) array.size(), scales[n], 0);
      array.set(java.nio.DoubleBuffer.wrap(values));
      n++;
    }
    return ema;
  }

  private static List<NDArray> arrays(Layer layer) {
    return layer.namedParameters().values().stream().map(p -> p.getArray()).toList();
  }

  private NDArray input() {
    return filled(6, 1, 1, 2, 5).transpose(0, 2, 1); // the oracle's x is (B, D, T)
  }

  private NDArray alpha(ComplexEma ema) {
    return ai.djl.nn.Activation.sigmoid(ema.weight("alpha"));
  }

  private static void close(NDArray actual, double... expected) {
    double[] values = actual.toDoubleArray();
    assertThat(values).hasSameSizeAs(expected);
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i])
          .as("entry %d of %s", i, Arrays.toString(values))
          .isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  @Test
  void oracleWithoutState() {
    ComplexEma ema = oracle();
    LayerState state = ema.newState(manager, DataType.FLOAT64, 1, 0);
    NDArray y = ema.forward(store, input(), state, false).transpose(0, 2, 1);
    double[] expected = {
      0.3074802564, -0.1171808845, -0.3176191014, 0.0222257611, 0.2805724564, //
      0.2247284120, -0.2028812092, 0.0434505838, 0.2443892827, 0.0023886602
    };
    close(y, expected);
    close(ema.forward(store, input(), false).transpose(0, 2, 1), expected);
    close(state.get(0).mul(alpha(ema)), -0.3192668018, -0.4155315915, -0.2540732336, -0.1446239481);
    close(state.get(1).mul(alpha(ema)), 0.0811591031, -0.1925749471, 0.6843802424, 0.0156566299);
  }

  @Test
  void oracleWithStateAndItsGradients() {
    ComplexEma ema = oracle();
    NDArray x = input();
    NDArray h0 = filled(8, 1, 1, 2, 2, 2);
    NDList leaves = new NDList(arrays(ema));
    leaves.add(x);
    leaves.add(h0);
    leaves.forEach(leaf -> leaf.setRequiresGradient(true));
    try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      LayerState state = ema.newState(manager, DataType.FLOAT64, 1, 0);
      state.replace(List.of(h0.get("..., 0").div(alpha(ema)), h0.get("..., 1").div(alpha(ema))));
      NDArray y = ema.forward(store, x, state, true).transpose(0, 2, 1);
      close(
          y,
          0.3059779828,
          0.0164634671,
          -0.4278288698,
          0.0090766047,
          0.3595209653,
          0.8282382224,
          -0.3450163994,
          0.7111331107,
          -0.2756872191,
          -0.1641284916);
      close(
          state.get(0).mul(alpha(ema)), -0.2454362394, -0.5285961467, -0.5742315225, 0.0379973021);
      NDArray scalar = y.mul(filled(7, 1, 1, 2, 5)).sum();
      assertThat(scalar.getDouble()).isCloseTo(-0.9947916190, within(TOLERANCE));
      gradients.backward(scalar);
    }
    close(leaves.get(0).getGradient(), -0.0105308983, -0.1325851192, 0.2449988272, -0.3587127929);
    close(leaves.get(1).getGradient(), -0.1229778803, 0.2261437097, -0.2829224995, -0.0617514706);
    close(leaves.get(2).getGradient(), -1.5495485459, -2.5514009249);
    close(
        leaves.get(3).getGradient(),
        0.9676449960,
        -0.4358164254,
        1.6259152499,
        -0.3226226520,
        1.3179323114,
        -0.4375287786,
        0.8360072459,
        -0.1471341080);
    close(leaves.get(4).getGradient(), 1.9517249251, 1.9919068121);
    close(
        x.getGradient().transpose(0, 2, 1),
        0.1421640280,
        0.3306556604,
        -0.0660421744,
        -0.4195132887,
        0.2348893795,
        -0.1706509067,
        0.1881000596,
        0.1670835907,
        -0.3304960988,
        0.1917857009);
    close(
        h0.getGradient(),
        -0.1101090604,
        0.3818112235,
        -0.5084874517,
        0.1007641273,
        -0.6278397449,
        0.8068087721,
        -0.2970586854,
        -0.0119952645);
  }

  @Test
  void impulseResponseIsTheKernelAndDecays() {
    ComplexEma ema = new ComplexEma(3, 4);
    ema.initialize(manager, DataType.FLOAT64, new Shape(1, 200, 3));
    NDArray impulse = manager.zeros(new Shape(1, 200, 3), DataType.FLOAT64);
    impulse.set(new ai.djl.ndarray.index.NDIndex("0, 0"), 1);
    NDArray y = ema.forward(store, impulse, false).squeeze(0).transpose(); // (D, T)
    NDArray k = ema.kernel(store, impulse, 200).duplicate();
    k.set(new ai.djl.ndarray.index.NDIndex(":, 0"), k.get(":, 0").add(ema.weight("omega")));
    assertThat(y.sub(k).abs().max().getDouble()).isLessThan(1e-12);
    assertThat(y.get(":, 150:").abs().max().getDouble())
        .isLessThan(1e-3 * y.abs().max().getDouble());
  }

  /** Without rotation and without imaginary parts it is a sum of real damped averages. */
  @Test
  void withoutAnglesItIsARealAverage() {
    ComplexEma ema = oracle();
    double[] turning = ema.kernel(store, ema.weight("alpha"), 30).toDoubleArray();
    ema.weight("theta").set(java.nio.DoubleBuffer.wrap(new double[] {-60, -60}));
    double[] gamma = ema.weight("gamma").toDoubleArray();
    for (int i = 1; i < gamma.length; i += 2) {
      gamma[i] = 0;
    }
    ema.weight("gamma").set(java.nio.DoubleBuffer.wrap(gamma));
    NDArray a = alpha(ema);
    double[] p = a.toDoubleArray();
    double[] r =
        a.mul(ai.djl.nn.Activation.sigmoid(ema.weight("delta"))).neg().add(1).toDoubleArray();
    double[] k = ema.kernel(store, a, 30).toDoubleArray();
    assertThat(k).as("nothing of the old parameters is kept").isNotEqualTo(turning);
    for (int d = 0; d < 2; d++) {
      for (int j = 0; j < 30; j++) {
        double expected = 0;
        for (int n = 0; n < 2; n++) {
          int i = 2 * d + n;
          expected += p[i] * gamma[2 * i] * Math.sqrt(0.5) * Math.pow(r[i], j);
        }
        assertThat(k[30 * d + j]).isCloseTo(expected, within(1e-12));
      }
    }
  }

  @Test
  void initialFrequenciesAreAPermutationOfThePapers() {
    ComplexEma ema = new ComplexEma(64, 16);
    ema.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 64));
    float[] f = ai.djl.nn.Activation.sigmoid(ema.weight("theta")).toFloatArray();
    float[] unsorted = f.clone();
    Arrays.sort(f);
    assertThat(unsorted).isNotEqualTo(f);
    for (int j = 1; j <= 64; j++) {
      assertThat((double) f[64 - j]).isCloseTo(Math.pow(64, -j / 64.0), within(1e-5));
    }
    float[] omega = ema.weight("omega").toFloatArray();
    assertThat(omega).hasSize(64);
    for (float w : omega) {
      assertThat(w).isBetween(-1f, 1f);
    }
    NDArray gamma = ema.weight("gamma");
    assertThat(gamma.get("..., 1").abs().max().getFloat()).isZero();
    double variance = gamma.get("..., 0").square().mean().getFloat();
    assertThat(variance).isCloseTo(1, within(0.2));
    assertThat(ema.weight("alpha").square().mean().getFloat()).isCloseTo(0.04f, within(0.008f));
  }

  @Test
  void bothDirectionsSeeEverythingButPadding() {
    ComplexEma ema = new ComplexEma(2, 3, true);
    ema.initialize(manager, DataType.FLOAT64, new Shape(1, 6, 2));
    NDArray x = filled(6, 1, 1, 6, 2);
    NDArray padding =
        manager.create(new boolean[] {false, false, false, false, true, true}, new Shape(1, 6));
    NDArray cut = ema.encode(store, x.get(":, :4"), null, false);
    NDArray padded = ema.encode(store, x, padding, false);
    assertThat(padded.get(":, :4").sub(cut).abs().max().getDouble()).isLessThan(1e-12);
    NDArray changed = NDArrays.concat(new NDList(x.get(":, :5"), x.get(":, 5:").add(1)), 1);
    NDArray moved =
        ema.encode(store, changed, null, false).sub(ema.encode(store, x, null, false)).abs();
    assertThat(moved.get("0, 0").max().getDouble()).isGreaterThan(1e-6);
    assertThatThrownBy(() -> ema.forward(store, x, false)).hasMessageContaining("encode");
    assertThat(manager.getDevice()).isEqualTo(Device.cpu());
  }

  @Test
  void gradientsOfBothDirections() {
    ComplexEma ema = new ComplexEma(2, 2, true);
    ema.initialize(manager, DataType.FLOAT64, new Shape(1, 7, 2));
    NDList leaves = new NDList(arrays(ema));
    leaves.add(filled(6, 1, 2, 7, 2));
    double worst = GradientCheck.worst(p -> ema.encode(store, p.get(5), null, true), leaves, 8);
    assertThat(worst).isLessThan(1e-6);
  }
}
