package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import java.nio.DoubleBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.torchscript.GradientCheck;

/** What MEGALODON's attention shows of itself, and what it is at first. */
class AttentionProbabilitiesTest {
  private static final int BATCH = 2;
  private static final int LENGTH = 11;
  private static final int DIM = 6;
  private static final int HEADS = 2;

  private final NDManager manager = NDManager.newBaseManager();
  private final ParameterStore store = new ParameterStore(manager, false);

  @AfterEach
  void free() {
    manager.close();
  }

  private NormalizedAttention attention(int chunk, boolean normalized) {
    NormalizedAttention layer =
        new NormalizedAttention(
            DIM,
            8,
            10,
            new NormalizedAttention.Options(
                HEADS,
                chunk,
                10_000,
                normalized,
                1e-5,
                0.5,
                NormalizedAttention.AttentionDropout.DROP_KEY,
                0.5,
                0.5),
            (outputs, inputs) -> new NormalInitializer(0.5f));
    layer.initialize(manager, DataType.FLOAT64, new Shape(1, LENGTH, DIM));
    return layer;
  }

  private void perturb(NormalizedAttention layer, String... names) {
    int n = 3;
    for (String name : names) {
      NDArray array = layer.weight(name);
      array.set(DoubleBuffer.wrap(GradientCheck.fill(n++, (int) array.size(), 0.4, 0)));
    }
  }

  private NDArray filled(int n) {
    Shape shape = new Shape(BATCH, LENGTH, DIM);
    return manager.create(GradientCheck.fill(n, (int) shape.size(), 1, 0), shape);
  }

  private NDArray linear(NormalizedAttention layer, String name, NDArray x) {
    return x.matMul(layer.weight(name + ".weight").transpose());
  }

  private static NDArray silu(NDArray x) {
    return x.mul(Activation.sigmoid(x));
  }

  /**
   * Rows are distributions over the past of their chunk, and with the values they are the layer.
   */
  @ParameterizedTest
  @CsvSource({"4, true", "4, false", "1, true", "11, true", "64, false"})
  void probabilitiesAreWhatTheLayerTakes(int chunk, boolean normalized) {
    NormalizedAttention layer = attention(chunk, normalized);
    perturb(layer, "gamma", "beta", "shared.bias", "value.bias", "gate.bias", "skip.bias");
    NDArray m = filled(1);
    NDArray n = filled(2);
    NDArray w = layer.probabilities(store, m);
    assertThat(w.getShape()).isEqualTo(new Shape(BATCH, HEADS, LENGTH, LENGTH));
    assertThat(w.sum(new int[] {-1}).sub(1).abs().max().getDouble()).isLessThan(1e-12);
    double[] values = w.toDoubleArray();
    for (int i = 0; i < values.length; i++) {
      int key = i % LENGTH;
      int query = i / LENGTH % LENGTH;
      if (key > query || key / chunk != query / chunk) {
        assertThat(values[i]).as("query %d, key %d", query, key).isZero();
      } else {
        assertThat(values[i]).as("query %d, key %d", query, key).isPositive();
      }
    }
    NDArray v =
        silu(linear(layer, "value", n).add(layer.weight("value.bias")))
            .reshape(BATCH, LENGTH, HEADS, -1)
            .transpose(0, 2, 1, 3);
    NDArray o = w.matMul(v).transpose(0, 2, 1, 3).reshape(BATCH, LENGTH, -1);
    NDArray r = silu(linear(layer, "gate", m).add(layer.weight("gate.bias")));
    NDArray y =
        linear(layer, "skip", m).add(layer.weight("skip.bias")).add(linear(layer, "out", o.mul(r)));
    NDArray own = layer.forward(store, m, n, null, false);
    assertThat(y.sub(own).abs().max().getDouble()).isLessThan(1e-12);
  }

  /**
   * Scores start as cosines: a chunk's own step scores 1, and no key outweighs it by more than e².
   */
  @Test
  void scoresAreCosinesAtFirst() {
    NormalizedAttention layer = attention(4, true);
    NDArray w = layer.probabilities(store, filled(1));
    for (int t = 0; t < LENGTH; t++) {
      for (int s = t / 4 * 4; s <= t; s++) {
        NDArray cosine = w.get(":, :, {}, {}", t, s).div(w.get(":, :, {}, {}", t, t)).log().add(1);
        for (double c : cosine.toDoubleArray()) {
          assertThat(c).as("query %d, key %d", t, s).isBetween(-1 - 1e-4, 1 + 1e-4);
        }
      }
    }
    assertThat(w.get("0, 0, 4, 4").getDouble()).as("first of its chunk").isCloseTo(1, within(0.0));
  }
}
