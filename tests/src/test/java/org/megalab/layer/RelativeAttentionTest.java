package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.layer.RelativeAttention.Segments;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.GradientCheck;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Seeds;

class RelativeAttentionTest {
  private static final int D = 6;
  private static final int H = 2;
  private static final int HEAD = 4;

  private final NDManager manager = NDManager.newBaseManager();
  private final ParameterStore store = new ParameterStore(manager, false);

  @BeforeEach
  void seed() {
    Seeds.set(11);
  }

  @AfterEach
  void free() {
    manager.close();
  }

  private TransformerXlStack stack(int depth, Segments segments, boolean preNorm) {
    TransformerXlStack stack =
        new TransformerXlStack(
            depth, new TransformerXlLayer.Options(D, H, HEAD, 10, segments, preNorm, 0, 0, 0.5));
    stack.initialize(manager, DataType.FLOAT64, new Shape(1, 1, D));
    return stack;
  }

  private NDArray random(long... shape) {
    double[] values = new Random(3).doubles(new Shape(shape).size(), -1, 1).toArray();
    return manager.create(values, new Shape(shape));
  }

  private static double distance(NDArray a, NDArray b) {
    assertThat(a.getShape()).isEqualTo(b.getShape());
    return a.sub(b).abs().max().getDouble();
  }

  @ParameterizedTest
  @CsvSource({"5, 5", "1, 4", "3, 8", "4, 5"})
  void theShiftIsAGather(int queries, int keys) {
    NDArray x = random(2, 3, queries, keys);
    NDArray shifted =
        Script.resource(RelativeAttention.class, "relative_attention")
            .call("relative_shift", false, x);
    for (int i = 0; i < queries; i++) {
      for (int j = 0; j <= i + keys - queries; j++) {
        int distance = i + keys - queries - j;
        int column = keys - 1 - distance;
        assertThat(shifted.get(":, :, {}, {}", i, j).toDoubleArray())
            .as("query %d, key %d", i, j)
            .containsExactly(x.get(":, :, {}, {}", i, column).toDoubleArray());
      }
    }
  }

  /** The formula of the paper, key by key, in plain Java. */
  @ParameterizedTest
  @CsvSource({"0, 0, false", "3, 0, false", "3, 2, false", "3, 0, true"})
  void scoresAreThoseOfTheFormula(int memory, int clamp, boolean sameLength) {
    Segments segments = new Segments(5, 3, clamp, sameLength);
    TransformerXlStack stack = stack(1, segments, false);
    RelativeAttention attention =
        (RelativeAttention) stack.layer(0).getChildren().get("01attention");
    NDArray x = random(1, 5, D);
    NDArray before = random(1, memory + 1, D).get(":, 1:").mul(0.7);
    NDArray y = attention.segment(store, x, before, false);
    double[][] h = rows(before.concat(x, 1).squeeze(0));
    double[][] qkv = rows(stack.weight("layers.0.attention.qkv.weight"));
    double[][] relative = rows(stack.weight("layers.0.attention.position.weight"));
    double[][] out = rows(stack.weight("layers.0.attention.out.weight"));
    double[][] u = rows(stack.weight("content.bias"));
    double[][] v = rows(stack.weight("position.bias"));
    int inner = H * HEAD;
    for (int i = 0; i < 5; i++) {
      double[] heads = new double[inner];
      for (int head = 0; head < H; head++) {
        double[] weights = new double[h.length];
        double total = 0;
        for (int j = 0; j < h.length; j++) {
          int distance = i + memory - j;
          if (distance < 0 || (sameLength && distance >= 3)) {
            continue;
          }
          double[] sinusoid = new double[D];
          double t = clamp == 0 ? distance : Math.min(distance, clamp);
          for (int c = 0; c < D / 2; c++) {
            sinusoid[c] = Math.sin(t * Math.pow(10000, -2.0 * c / D));
            sinusoid[c + D / 2] = Math.cos(t * Math.pow(10000, -2.0 * c / D));
          }
          double score = 0;
          for (int c = 0; c < HEAD; c++) {
            int row = head * HEAD + c;
            double q = dot(qkv[row], h[i + memory]);
            score += (q + u[head][c]) * dot(qkv[inner + row], h[j]);
            score += (q + v[head][c]) * dot(relative[row], sinusoid);
          }
          weights[j] = Math.exp(score / Math.sqrt(HEAD));
          total += weights[j];
        }
        for (int j = 0; j < h.length; j++) {
          for (int c = 0; c < HEAD; c++) {
            int row = head * HEAD + c;
            heads[row] += weights[j] / total * dot(qkv[2 * inner + row], h[j]);
          }
        }
      }
      for (int c = 0; c < D; c++) {
        assertThat(y.getDouble(0, i, c))
            .as("step %d, channel %d", i, c)
            .isCloseTo(dot(out[c], heads), org.assertj.core.api.Assertions.within(1e-12));
      }
    }
  }

  private static double[][] rows(NDArray matrix) {
    int columns = Math.toIntExact(matrix.getShape().get(1));
    double[] values = matrix.toDoubleArray();
    double[][] rows = new double[values.length / columns][columns];
    for (int i = 0; i < values.length; i++) {
      rows[i / columns][i % columns] = values[i];
    }
    return rows;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void twoSegmentsWithMemoryAreOneSegment(boolean preNorm) {
    TransformerXlStack whole = stack(3, new Segments(14, 0, 0, false), preNorm);
    Seeds.set(11);
    TransformerXlStack cut = stack(3, new Segments(7, 7, 0, false), preNorm);
    NDArray x = random(2, 14, D);
    NDArray expected = whole.forward(store, x, false);
    assertThat(distance(cut.forward(store, x, false), expected)).isLessThan(1e-12);
    // And with the memories handed over layer by layer.
    NDArray first = x.get(":, :7");
    NDArray second = x.get(":, 7:");
    for (int i = 0; i < 3; i++) {
      NDArray memory = first;
      NDArray none = x.get(":, :0");
      first = whole.layer(i).segment(store, memory, none, false);
      second = whole.layer(i).segment(store, second, memory, false);
    }
    assertThat(distance(first.concat(second, 1), expected)).isLessThan(1e-12);
  }

  /** The sequence begins at a segment's border wherever it stands in the stream. */
  @Test
  void positionsThatAreShiftedChangeNothing() {
    Segments segments = new Segments(4, 3, 0, false);
    TransformerXlStack stack = stack(1, segments, false);
    NDArray x = random(1, 12, D);
    NDArray late = stack.forward(store, x, false).get(":, 8:");
    NDArray early = stack.forward(store, x.get(":, 4:"), false).get(":, 4:");
    assertThat(distance(early, late)).isLessThan(1e-12);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void streamingInAnySplitIsTheFullForward(boolean preNorm) {
    TransformerXlStack stack = stack(2, new Segments(5, 4, 3, false), preNorm);
    NDArray x = random(2, 23, D);
    NDArray expected = stack.forward(store, x, false);
    LayerState state = stack.newState(manager, DataType.FLOAT64, 2, 1);
    Random random = new Random(2);
    for (int round = 0; round < 4; round++) {
      NDList parts = new NDList();
      for (int t = 0; t < 23; ) {
        int n = round == 0 ? 1 : Math.min(23 - t, 1 + random.nextInt(11));
        parts.add(stack.forward(store, x.get(":, {}:{}", t, t + n), state, false));
        t += n;
      }
      assertThat(distance(NDArrays.concat(parts, 1), expected)).isLessThan(1e-12);
      state.clear();
    }
  }

  @ParameterizedTest
  @CsvSource({"false, 0, false", "true, 0, false", "false, 4, false", "true, 2, true"})
  void gradientsOfASegmentAgreeWithFiniteDifferences(
      boolean preNorm, int clamp, boolean sameLength) {
    TransformerXlStack stack = stack(1, new Segments(5, 4, clamp, sameLength), preNorm);
    NDArray x = random(2, 5, D);
    NDArray memory = random(2, 3, D).mul(0.6);
    NDList leaves = new NDList(x, memory);
    stack.namedParameters().values().forEach(p -> leaves.add(p.getArray()));
    double worst =
        GradientCheck.worst(inputs -> stack.layer(0).segment(store, x, memory, true), leaves, 12);
    assertThat(worst).isLessThan(1e-7);
  }

  /** The memory of one layer is its input: as a constant it leaves the parameters' gradients. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void parametersLearnFromTheMemory(boolean preNorm) {
    TransformerXlStack stack = stack(1, new Segments(3, 4, 0, false), preNorm);
    NDArray x = random(1, 10, D);
    NDList leaves = new NDList();
    stack.namedParameters().values().forEach(p -> leaves.add(p.getArray()));
    double worst = GradientCheck.worst(inputs -> stack.forward(store, x, true), leaves, 12);
    assertThat(worst).isLessThan(1e-7);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noGradientFlowsIntoTheMemory(boolean preNorm) {
    TransformerXlStack stack = stack(2, new Segments(4, 4, 0, false), preNorm);
    NDArray x = random(1, 8, D);
    NDArray kept = x.get(":, :4").duplicate();
    NDArray second = x.get(":, 4:").duplicate();
    kept.setRequiresGradient(true);
    second.setRequiresGradient(true);
    try (Autograd autograd = new Autograd()) {
      NDArray y = stack.forward(store, kept.concat(second, 1), true);
      autograd.backward(y.get(":, 4:").mul(random(1, 4, D)).sum());
    }
    assertThat(kept.getGradient().abs().max().getDouble()).isEqualTo(0);
    assertThat(second.getGradient().abs().max().getDouble()).isGreaterThan(1e-3);
  }
}
