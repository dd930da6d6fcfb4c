package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.torchscript.Script;

class MegaAttentionTest {

  private static final Script SCRIPT = Script.resource(MegaAttention.class, "mega_attention");
  private static final int LENGTH = 13;

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  static MegaSettings.Builder settings() {
    return MegaSettings.builder(5, 4, 6, 3).optPositions(LENGTH).optInitStd(0.5);
  }

  /** Every function, bias, chunking and direction, with the four norms in both places. */
  static List<MegaSettings> all() {
    List<MegaSettings> all = new ArrayList<>();
    List<NormKind> norms = List.of(NormKind.values());
    int count = 0;
    for (AttentionFunction function : AttentionFunction.values()) {
      for (RelativeBias bias : RelativeBias.values()) {
        for (int chunk : new int[] {0, 4, 50}) {
          for (boolean bidirectional : new boolean[] {false, true}) {
            NormKind norm = norms.get(count % 4);
            all.add(
                settings()
                    .optFunction(function)
                    .optRelativeBias(bias)
                    .optChunkSize(chunk)
                    .optBidirectional(bidirectional)
                    .optNorm(norm, count++ % 3 > 0, 1e-5)
                    .build());
          }
        }
      }
    }
    return all;
  }

  static List<MegaSettings> causal() {
    return all().stream().filter(settings -> !settings.bidirectional()).toList();
  }

  private MegaAttention attention(MegaSettings settings) {
    return Filled.layer(manager, new MegaAttention(settings), 0.1);
  }

  private NDArray input() {
    return Filled.array(manager, 3, 1, 0.2, 2, LENGTH, 5);
  }

  private NDArray padding(int from) {
    return Filled.padding(manager, LENGTH, new int[] {0, from}, new int[] {0, LENGTH});
  }

  @ParameterizedTest
  @MethodSource("all")
  void isWhatTheFormulasSay(MegaSettings settings) {
    MegaAttention layer = attention(settings);
    NDArray x = input();
    NDArray whole = layer.forward(Filled.store(manager), x, null, false);
    assertThat(Filled.distance(whole, formulas(layer, settings, x, 0, 0))).isLessThan(1e-12);
    NDArray padding = padding(9);
    NDArray padded = layer.encode(Filled.store(manager), x, padding, false);
    NDArray expected = formulas(layer, settings, x, 0, 4);
    assertThat(Filled.distance(padded.get("0"), expected.get("0"))).isLessThan(1e-12);
    assertThat(Filled.distance(padded.get("1, :9"), expected.get("1, :9"))).isLessThan(1e-12);
  }

  /**
   * Section 3 of the paper, with loops; {@code padded} is how many steps of each row are padding.
   */
  private NDArray formulas(MegaAttention layer, MegaSettings s, NDArray x, int... padded) {
    NDArray h = s.preNorm() ? norm(layer, s, x) : x;
    DampedEma ema = Filled.layer(manager, new DampedEma(5, 3, s.bidirectional(), true), 0);
    ema.namedParameters()
        .keySet()
        .forEach(name -> Filled.set(ema, name, layer.weight("ema." + name).toDoubleArray()));
    int[] begin = {LENGTH - padded[0], LENGTH - padded[1]};
    NDArray padding = Filled.padding(manager, LENGTH, begin, new int[] {LENGTH, LENGTH});
    NDArray m = ema.encode(Filled.store(manager), h, padding, false);
    NDArray v = silu(linear(layer, "value", h));
    NDArray mixed = linear(layer, "mix", m);
    NDArray gate = sigmoid(mixed.get("..., :5"));
    NDArray z = silu(mixed.get("..., 5:9"));
    NDArray r = silu(mixed.get("..., 9:15"));
    NDArray q = z.mul(layer.weight("gamma").get(0)).add(layer.weight("beta").get(0));
    NDArray k = z.mul(layer.weight("gamma").get(1)).add(layer.weight("beta").get(1));
    NDArray o = manager.zeros(new Shape(2, LENGTH, 6), DataType.FLOAT64);
    for (int b = 0; b < 2; b++) {
      for (int i = 0; i < LENGTH; i++) {
        double[] weights = weights(layer, s, q.get(b), k.get(b), i, padded[b]);
        o.set(new NDIndex("{}, {}", b, i), v.get(b).transpose().matMul(manager.create(weights)));
      }
    }
    NDArray candidate = silu(mixed.get("..., 15:").add(linear(layer, "out", r.mul(o))));
    NDArray y = x.add(gate.mul(candidate.sub(x)));
    return s.preNorm() ? y : norm(layer, s, y);
  }

  /** The weights of query i over all steps. */
  private double[] weights(
      MegaAttention layer, MegaSettings s, NDArray q, NDArray k, int i, int padded) {
    int chunk = s.chunkSize() == 0 ? LENGTH : s.chunkSize();
    int first = i / chunk * chunk;
    int end = Math.min(s.bidirectional() ? first + chunk : i + 1, LENGTH);
    int keys = Math.min(end, LENGTH - padded) - first;
    int count = s.bidirectional() ? Math.max(1, keys) : i - first + 1;
    double[] weights = new double[LENGTH];
    double sum = 0;
    for (int j = first; j < Math.min(end, LENGTH - padded); j++) {
      double product = q.get(i).mul(k.get(j)).sum().getDouble();
      double bias = bias(layer, s, i - first, j - first);
      weights[j] =
          switch (s.function()) {
            case SOFTMAX -> Math.exp(product / 2 + bias);
            case LAPLACE -> laplace(product / count + bias);
            case RELU_SQUARED -> Math.pow(Math.max(0, product / count + bias), 2);
          };
      sum += weights[j];
    }
    if (s.function() == AttentionFunction.SOFTMAX) {
      for (int j = 0; j < LENGTH; j++) {
        weights[j] /= Math.max(sum, 1e-300);
      }
    }
    return weights;
  }

  private double bias(MegaAttention layer, MegaSettings s, int i, int j) {
    if (s.relativeBias() == RelativeBias.SIMPLE) {
      return layer.weight("relative").getDouble(s.positions() - 1 + j - i);
    }
    double[] a = layer.weight("relativeQuery").toDoubleArray();
    double[] b = layer.weight("relativeKey").toDoubleArray();
    double bias = 0;
    for (int l = 0; l < 2; l++) { // channels l and l + 2 turn by i and j times their frequency
      double angle = (i - j) * Math.pow(10_000, -2 * l / 4.0);
      double turned = a[l] * Math.cos(angle) - a[l + 2] * Math.sin(angle);
      bias += turned * b[l] + (a[l + 2] * Math.cos(angle) + a[l] * Math.sin(angle)) * b[l + 2];
    }
    return bias;
  }

  private double laplace(double s) {
    NDArray argument = manager.create((s - 0.707107) / (0.282095 * Math.sqrt(2)));
    return 0.5 * (1 + argument.erf().getDouble());
  }

  private NDArray norm(MegaAttention layer, MegaSettings s, NDArray x) {
    StreamingLayer norm = Filled.layer(manager, s.newNorm(), 0);
    norm.namedParameters()
        .keySet()
        .forEach(name -> Filled.set(norm, name, layer.weight("norm." + name).toDoubleArray()));
    return norm.forward(Filled.store(manager), x, null, false);
  }

  private static NDArray linear(MegaAttention layer, String name, NDArray x) {
    return x.matMul(layer.weight(name + ".weight").transpose()).add(layer.weight(name + ".bias"));
  }

  private static NDArray sigmoid(NDArray x) {
    return x.neg().exp().add(1).pow(-1);
  }

  private static NDArray silu(NDArray x) {
    return x.mul(sigmoid(x));
  }

  @ParameterizedTest
  @MethodSource("causal")
  void streamingIsTheFullForward(MegaSettings settings) {
    MegaAttention layer = attention(settings);
    NDArray x = input();
    NDArray y = layer.forward(Filled.store(manager), x, null, false);
    for (int[] split : new int[][] {{1}, {4}, {3, 7, 1}, {12, 1}}) {
      NDArray streamed = Filled.streamed(manager, layer, x, split);
      assertThat(Filled.distance(streamed, y)).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void gradients(MegaSettings settings) {
    NDArray x = Filled.array(manager, 3, 1, 0.2, 1, 6, 5);
    assertThat(Filled.gradientError(manager, attention(settings), x, 3)).isLessThan(1e-6);
  }

  @Test
  void aClosedGateIsTheIdentity() {
    MegaAttention layer = attention(settings().build());
    layer.weight("mix.bias").set(new NDIndex(":5"), -60);
    NDArray x = input();
    NDArray y = layer.forward(Filled.store(manager), x, null, false);
    assertThat(Filled.distance(y, x)).isLessThan(1e-12);
  }

  /** With κ = 0 queries and keys are μ: what they were made from makes no difference. */
  @Test
  void withoutKappaWeightsDoNotDependOnContent() {
    MegaAttention layer = attention(settings().build());
    NDArray x = input();
    NDArray before = layer.forward(Filled.store(manager), x, null, false);
    Filled.set(layer, "gamma", new double[8]);
    NDArray constant = layer.forward(Filled.store(manager), x, null, false);
    assertThat(Filled.distance(before, constant)).isGreaterThan(1e-4);
    NDArray rows = layer.weight("mix.weight");
    rows.set(new NDIndex("5:9"), rows.get("5:9").mul(-3));
    NDArray other = layer.forward(Filled.store(manager), x, null, false);
    assertThat(Filled.distance(other, constant)).isZero();
  }

  @Test
  void laplaceIsMonotoneAndMeetsReluSquared() {
    NDArray s = manager.linspace(-1f, 2f, 301).toType(DataType.FLOAT64, false);
    double[] w = SCRIPT.call("laplace", false, s).toDoubleArray();
    for (int i = 1; i < w.length; i++) {
      assertThat(w[i]).isGreaterThan(w[i - 1]);
    }
    double at = Math.sqrt(0.5);
    double step = 1e-5;
    NDArray around = manager.create(new double[] {at - step, at, at + step});
    for (String function : new String[] {"laplace", "relu_squared"}) {
      double[] values = SCRIPT.call(function, false, around).toDoubleArray();
      assertThat(values[1]).as(function).isCloseTo(0.5, within(1e-6));
      double slope = (values[2] - values[0]) / (2 * step);
      assertThat(slope).as(function).isCloseTo(Math.sqrt(2), within(1e-5));
    }
  }

  /** Chunks bound attention, and the moving average passes the border. */
  @Test
  void chunksSeeEachOtherThroughTheAverageAlone() {
    MegaAttention layer = attention(settings().optChunkSize(4).build());
    NDArray x = input();
    NDArray changed = x.duplicate();
    changed.set(new NDIndex(":, 1"), 3);
    NDArray y = layer.forward(Filled.store(manager), x, null, false);
    NDArray moved = layer.forward(Filled.store(manager), changed, null, false).sub(y).abs();
    assertThat(moved.get(":, 5").max().getDouble()).isGreaterThan(1e-4);
    // Channels do not mix in the average: with alpha and delta large it forgets at once.
    layer.weight("ema.delta").set(new NDIndex("..."), 40);
    layer.weight("ema.alpha").set(new NDIndex("..."), 30);
    y = layer.forward(Filled.store(manager), x, null, false);
    moved = layer.forward(Filled.store(manager), changed, null, false).sub(y).abs();
    assertThat(moved.get(":, 3").max().getDouble()).isGreaterThan(1e-4);
    assertThat(moved.get(":, 4:").max().getDouble()).isLessThan(1e-10);
  }

  /** A whole layer with its feed-forward: padded steps change nothing. */
  @ParameterizedTest
  @MethodSource("all")
  void contentsOfPaddingMakeNoDifference(MegaSettings settings) {
    MegaLayer layer = Filled.layer(manager, new MegaLayer(settings, 7), 0.1);
    NDArray x = input();
    NDArray y = layer.encode(Filled.store(manager), x, padding(6), false);
    NDArray changed = x.duplicate();
    changed.set(new NDIndex("1, 6:"), 5);
    NDArray other = layer.encode(Filled.store(manager), changed, padding(6), false);
    assertThat(Filled.distance(other.get("1, :6"), y.get("1, :6"))).isLessThan(1e-12);
    assertThat(other.isNaN().any().getBoolean()).isFalse();
  }

  @Test
  void paddingInFrontGivesNumbersToo() {
    MegaAttention layer = attention(settings().build());
    NDArray padding = Filled.padding(manager, LENGTH, new int[] {0, 0}, new int[] {0, 4});
    NDArray y = layer.encode(Filled.store(manager), input(), padding, false);
    assertThat(y.isNaN().any().getBoolean()).isFalse();
  }

  @Test
  void dropoutActsInTrainingAlone() {
    MegaAttention layer = attention(settings().optDropout(0.3, 0, 0).build());
    NDArray x = input();
    NDArray y = layer.forward(Filled.store(manager), x, null, false);
    NDList trained =
        new NDList(
            layer.forward(Filled.store(manager), x, null, true),
            layer.forward(Filled.store(manager), x, null, true));
    assertThat(Filled.distance(layer.forward(Filled.store(manager), x, null, false), y)).isZero();
    assertThat(Filled.distance(trained.get(0), trained.get(1))).isGreaterThan(1e-3);
  }

  @Test
  void mistakesAreNamed() {
    assertThatThrownBy(() -> settings().optPositions(0).build())
        .hasMessageContaining("number of positions");
    assertThatThrownBy(
            () -> MegaSettings.builder(5, 3, 6, 3).optRelativeBias(RelativeBias.ROTARY).build())
        .hasMessageContaining("sharedDim is 3");
    MegaAttention layer = attention(settings().optPositions(8).build());
    assertThatThrownBy(() -> layer.forward(Filled.store(manager), input(), null, false))
        .hasMessageContaining("tells 8 positions apart and there are 13");
    MegaAttention both = attention(settings().optBidirectional(true).build());
    assertThatThrownBy(() -> both.newState(manager, DataType.FLOAT64, 1, 8))
        .isInstanceOf(IllegalStateException.class);
  }
}
