package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.nio.DoubleBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.torchscript.GradientCheck;

/** The written oracle, worked out in float64, and what the layer is said to be. */
class TimestepNormTest {
  private final NDManager manager = NDManager.newBaseManager();
  private final ParameterStore store = new ParameterStore(manager, false);

  @AfterEach
  void free() {
    manager.close();
  }

  private NDArray filled(int n, double scale, long... shape) {
    return Filled.array(manager, n, scale, 0, shape);
  }

  private TimestepNorm norm(int dim, int groups, int prior) {
    TimestepNorm norm = new TimestepNorm(dim, groups, prior, 1e-5);
    norm.initialize(manager, DataType.FLOAT64, new Shape(1, 1, dim));
    norm.weight("weight").set(DoubleBuffer.wrap(GradientCheck.fill(2, dim, 0.1, 0)));
    norm.weight("bias").set(DoubleBuffer.wrap(GradientCheck.fill(3, dim, 0.1, 0)));
    return norm;
  }

  private LayerState state(TimestepNorm norm, int batch) {
    return norm.newState(manager, DataType.FLOAT64, batch, 0);
  }

  private static void close(NDArray actual, double... expected) {
    double[] values = actual.toDoubleArray();
    assertThat(values).hasSameSizeAs(expected);
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).as("entry %d", i).isCloseTo(expected[i], within(1e-9));
    }
  }

  @Test
  void oracle() {
    TimestepNorm norm = norm(4, 2, 0);
    NDArray x = filled(1, 2, 1, 4, 4);
    LayerState state = state(norm, 1);
    NDArray y = norm.forward(store, x, state, false);
    close(
        y,
        -1.0186414667,
        0.9981776666,
        0.8185475429,
        -0.9409314755,
        -1.8101598449,
        0.6444812585,
        1.3332239498,
        -0.3313187879,
        -1.7855056349,
        -0.4129431634,
        1.0129094224,
        0.6123352493,
        -0.7991838378,
        -1.2517699403,
        -0.1807582093,
        1.0459839320);
    close(state.get(0), 4);
    close(state.get(1), -0.1111505447, 0.4197332498);
    close(state.get(2), 2.1197556180, 1.8431748302);
  }

  @Test
  void oracleOfPadding() {
    TimestepNorm norm = norm(4, 2, 0);
    NDArray x = filled(1, 2, 1, 4, 4);
    NDArray padding = manager.create(new boolean[] {false, true, false, false}, new Shape(1, 4));
    LayerState state = state(norm, 1);
    NDArray y = norm.forward(store, x, padding, state, false);
    close(y.get("0, 0"), -1.0186414667, 0.9981776666, 0.8185475429, -0.9409314755);
    assertThat(y.get("0, 1").abs().max().getDouble()).isZero();
    close(y.get("0, 2"), -1.5880922732, -0.3170502421, 0.9726776657, 0.6026446389);
    close(y.get("0, 3"), -0.6153378759, -1.0723498404, -0.2091202224, 0.9786044906);
    close(state.get(0), 3);
    close(state.get(1), -0.3385411004, 0.4673572650);
    close(state.get(2), 2.1939930280, 1.9749261674);
  }

  @Test
  void oracleOfGradients() {
    TimestepNorm norm = norm(4, 2, 0);
    NDArray x = filled(1, 2, 1, 4, 4);
    NDList leaves = new NDList(x, norm.weight("weight"), norm.weight("bias"));
    leaves.forEach(leaf -> leaf.setRequiresGradient(true));
    try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      NDArray scalar = norm.forward(store, x, true).mul(filled(9, 1, 1, 4, 4)).sum();
      assertThat(scalar.getDouble()).isCloseTo(9.9085137092, within(1e-9));
      gradients.backward(scalar);
    }
    close(
        norm.weight("weight").getGradient(),
        2.8116736867,
        2.5894579057,
        2.6482405608,
        2.1550293672);
    close(
        norm.weight("bias").getGradient(),
        -1.6026977330,
        -0.3315592468,
        1.4253143127,
        1.0940990649);
    double[] dx = x.getGradient().toDoubleArray();
    double[] expected = {
      -0.02698378, -0.2374649, -0.27549906, 0.27423045, 0.48066803, 0.13579707, -0.27631304,
      0.02550085, 0.10257421, -0.13619087, -0.08480307, 0.31713336, 0.16112755, -0.4795273,
      -0.35318216, 0.37293267
    };
    for (int i = 0; i < expected.length; i++) {
      assertThat(dx[i]).isCloseTo(expected[i], within(1e-8)); // printed with eight digits
    }
  }

  /** Mean and variance of all earlier values, from scratch at every step. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void isTheNaiveDoubleLoop(int groups) {
    int dim = 8;
    int length = 9;
    TimestepNorm norm = norm(dim, groups, 0);
    NDArray x = filled(1, 2, 2, length, dim);
    double[] w = norm.weight("weight").toDoubleArray();
    double[] bias = norm.weight("bias").toDoubleArray();
    double[] values = x.toDoubleArray();
    double[] y = norm.forward(store, x, false).toDoubleArray();
    int size = dim / groups;
    for (int b = 0; b < 2; b++) {
      for (int t = 0; t < length; t++) {
        for (int f = 0; f < dim; f++) {
          int g = f / size;
          double sum = 0;
          double squares = 0;
          for (int s = 0; s <= t; s++) {
            for (int i = g * size; i < (g + 1) * size; i++) {
              sum += values[(b * length + s) * dim + i];
            }
          }
          double count = (t + 1.0) * size;
          double mean = sum / count;
          for (int s = 0; s <= t; s++) {
            for (int i = g * size; i < (g + 1) * size; i++) {
              squares += Math.pow(values[(b * length + s) * dim + i] - mean, 2);
            }
          }
          int at = (b * length + t) * dim + f;
          double expected =
              (values[at] - mean) / Math.sqrt(squares / count + 1e-5) * (w[f] + 1) + bias[f];
          assertThat(y[at]).isCloseTo(expected, within(1e-12));
        }
      }
    }
  }

  @Test
  void partsWithTheirStateAreTheWhole() {
    TimestepNorm norm = norm(6, 3, 0);
    NDArray x = filled(1, 2, 2, 20, 6);
    LayerState whole = state(norm, 2);
    NDArray y = norm.forward(store, x, whole, false);
    LayerState carried = state(norm, 2);
    NDList parts = new NDList();
    int from = 0;
    for (int to : new int[] {1, 2, 9, 20}) {
      parts.add(norm.forward(store, x.get(":, {}:{}", from, to), carried, false));
      from = to;
    }
    assertThat(NDArrays.concat(parts, 1).sub(y).abs().max().getDouble()).isLessThan(1e-12);
    for (int i = 0; i < 3; i++) {
      assertThat(carried.get(i).sub(whole.get(i)).abs().max().getDouble()).isLessThan(1e-12);
    }
  }

  @Test
  void paddingAnywhereChangesNothingElse() {
    TimestepNorm norm = norm(6, 3, 0);
    NDArray x = filled(1, 2, 1, 8, 6);
    LayerState plain = state(norm, 1);
    NDArray y = norm.forward(store, x, plain, false);
    Random random = new Random(3);
    for (int round = 0; round < 5; round++) {
      NDList steps = new NDList();
      boolean[] mask = new boolean[12];
      int kept = 0;
      for (int t = 0; t < 12; t++) {
        mask[t] = kept == 8 || (12 - t > 8 - kept && random.nextBoolean());
        steps.add(mask[t] ? x.get(":, 0:1").mul(1e3) : x.get(":, {}:{}", kept, kept + 1));
        kept += mask[t] ? 0 : 1;
      }
      assertThat(kept).isEqualTo(8);
      LayerState padded = state(norm, 1);
      NDArray out =
          norm.forward(
              store,
              NDArrays.concat(steps, 1),
              manager.create(mask, new Shape(1, 12)),
              padded,
              false);
      int row = 0;
      for (int t = 0; t < 12; t++) {
        if (mask[t]) {
          assertThat(out.get("0, {}", t).abs().max().getDouble()).isZero();
        } else {
          assertThat(out.get("0, {}", t).sub(y.get("0, {}", row++)).abs().max().getDouble())
              .isLessThan(1e-12);
        }
      }
      for (int i = 0; i < 3; i++) {
        assertThat(padded.get(i).sub(plain.get(i)).abs().max().getDouble()).isLessThan(1e-12);
      }
    }
  }

  @Test
  void scaleAndShiftOfTheInputDoNotMatter() {
    TimestepNorm norm = new TimestepNorm(4, 2, 1e-12);
    norm.initialize(manager, DataType.FLOAT64, new Shape(1, 1, 4));
    NDArray x = filled(1, 2, 1, 6, 4);
    NDArray y = norm.forward(store, x, false);
    assertThat(norm.forward(store, x.mul(7), false).sub(y).abs().max().getDouble())
        .isLessThan(1e-9);
    NDArray shift = manager.create(new double[] {3, 3, -5, -5});
    assertThat(norm.forward(store, x.add(shift), false).sub(y).abs().max().getDouble())
        .isLessThan(1e-9);
  }

  @Test
  void relationsToLayerAndGroupNorm() {
    TimestepNorm one = norm(4, 1, 0);
    LayerNorm layer = new LayerNorm(4, NormWeight.PLUS_ONE, 1e-5);
    GroupNorm group = new GroupNorm(4, 2, NormWeight.PLUS_ONE, 1e-5);
    for (Layer other : List.of(layer, group)) {
      other.initialize(manager, DataType.FLOAT64, new Shape(1, 1, 4));
      other.weight("weight").set(DoubleBuffer.wrap(GradientCheck.fill(2, 4, 0.1, 0)));
      other.weight("bias").set(DoubleBuffer.wrap(GradientCheck.fill(3, 4, 0.1, 0)));
    }
    NDArray x = filled(1, 2, 1, 5, 4);
    NDArray first = x.get(":, :1");
    assertThat(
            one.forward(store, first, false)
                .sub(layer.forward(store, first, false))
                .abs()
                .max()
                .getDouble())
        .isLessThan(1e-12);
    TimestepNorm two = norm(4, 2, 0);
    NDArray grouped = group.forward(store, x, false);
    assertThat(
            two.forward(store, x, false)
                .get("0, 4")
                .sub(grouped.get("0, 4"))
                .abs()
                .max()
                .getDouble())
        .isLessThan(1e-12);
    NDArray changed = NDArrays.concat(new NDList(x.get(":, :4"), x.get(":, 4:").add(1)), 1);
    assertThat(
            group.forward(store, changed, false).sub(grouped).get("0, 0").abs().max().getDouble())
        .isGreaterThan(1e-3);
    NDArray padding =
        manager.create(new boolean[] {false, false, false, true, true}, new Shape(1, 5));
    NDArray masked = group.encode(store, x, padding, false);
    NDArray cut = group.forward(store, x.get(":, :3"), false);
    assertThat(masked.get(":, :3").sub(cut).abs().max().getDouble()).isLessThan(1e-12);
    assertThat(masked.get(":, 3:").abs().max().getDouble()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5})
  void gradientsAgreeWithFiniteDifferences(int prior) {
    TimestepNorm norm = norm(6, 2, prior);
    NDList leaves = new NDList(filled(1, 2, 2, 7, 6));
    norm.namedParameters().values().forEach(p -> leaves.add(p.getArray()));
    NDArray padding =
        manager.create(
            new boolean[] {
              true, false, false, false, true, false, false, false, false, false, false, true,
              false, true
            },
            new Shape(2, 7));
    double worst =
        GradientCheck.worst(p -> norm.forward(store, p.get(0), padding, null, true), leaves, 14);
    assertThat(worst).isLessThan(1e-6);
  }

  @Test
  void gradientsReachTheStateOfEveryRow() {
    TimestepNorm norm = norm(6, 2, 0);
    NDList leaves =
        new NDList(filled(1, 2, 2, 5, 6), filled(4, 1, 2, 2), filled(5, 0.5, 2, 2).add(1));
    double worst =
        GradientCheck.worst(
            p -> {
              LayerState state = state(norm, 2);
              state.advance(3);
              state.replace(List.of(manager.create(new double[] {3, 5}), p.get(1), p.get(2)));
              NDArray y = norm.forward(store, p.get(0), state, true);
              return NDArrays.concat(
                  new NDList(y.flatten(), state.get(1).flatten(), state.get(2).flatten()));
            },
            leaves,
            14);
    assertThat(worst).isLessThan(1e-6);
  }

  @Test
  void impossibleGroupsAreNamed() {
    assertThatThrownBy(() -> new TimestepNorm(6, 4, 1e-5)).hasMessageContaining("4 groups");
    assertThatThrownBy(() -> new TimestepNorm(6, 6, 1e-5)).hasMessageContaining("prior count");
  }
}
