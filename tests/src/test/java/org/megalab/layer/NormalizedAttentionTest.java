package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.layer.NormalizedAttention.AttentionDropout;
import org.megalab.layer.NormalizedAttention.Options;
import org.megalab.torchscript.GradientCheck;
import org.megalab.torchscript.Script;

/** MEGALODON's attention against its formulas, one head at a time. */
class NormalizedAttentionTest {
  private static final int DIM = 6;
  private static final int SHARED = 8;
  private static final int VALUE = 10;
  private static final int HEADS = 2;
  private static final Script ROTARY = Script.resource(Layer.class, "rotary");

  private final NDManager manager = NDManager.newBaseManager();
  private final ParameterStore store = new ParameterStore(manager, false);

  @AfterEach
  void free() {
    manager.close();
  }

  private NormalizedAttention attention(int chunk, boolean normalized) {
    Options options =
        new Options(HEADS, chunk, 10_000, normalized, 1e-5, 0, AttentionDropout.DROP_KEY, 0, 0);
    NormalizedAttention attention =
        new NormalizedAttention(
            DIM, SHARED, VALUE, options, (outputs, inputs) -> new NormalInitializer(0.5f));
    attention.initialize(manager, DataType.FLOAT64, new Shape(1, 1, DIM), new Shape(1, 1, DIM));
    int n = 20;
    for (String name : new String[] {"gamma", "beta", "shared.bias", "value.bias", "gate.bias"}) {
      NDArray array = attention.weight(name);
      array.set(java.nio.DoubleBuffer.wrap(GradientCheck.fill(n++, (int) array.size(), 0.3, 0)));
    }
    return attention;
  }

  private NDArray filled(int n, long... shape) {
    return Filled.array(manager, n, 1, 0, shape);
  }

  private static NDArray linear(NormalizedAttention a, NDArray x, String name) {
    NDArray y = x.matMul(a.weight(name + ".weight").transpose());
    return name.equals("out") ? y : y.add(a.weight(name + ".bias"));
  }

  /** The formulas of the layer for one sequence (T, D) that is one chunk. */
  private static NDArray formula(
      NormalizedAttention a, NDArray m, NDArray n, boolean normalized, boolean causal) {
    NDArray z = linear(a, m, "shared"); // (T, Z)
    NDArray v = silu(linear(a, n, "value")); // (T, E)
    NDArray r = silu(linear(a, m, "gate"));
    int width = SHARED / HEADS;
    int values = VALUE / HEADS;
    long length = m.getShape().get(0);
    NDList outputs = new NDList();
    for (int h = 0; h < HEADS; h++) {
      NDArray one = z.get(":, {}:{}", h * width, (h + 1) * width);
      if (normalized) {
        one = one.div(one.square().mean(new int[] {1}, true).add(1e-5).sqrt());
      }
      double scale = 1 / Math.sqrt(width); // once on each of q and k, or once on the scores
      NDArray[] turned = new NDArray[2];
      for (int row = 0; row < 2; row++) {
        NDArray kappa = a.weight("gamma").get("{}, {}:{}", row, h * width, (h + 1) * width).add(1);
        NDArray shift = a.weight("beta").get("{}, {}:{}", row, h * width, (h + 1) * width);
        NDArray x = one.mul(kappa).mul(normalized ? scale : 1).add(shift);
        turned[row] = ROTARY.call("rotate", false, x.expandDims(0), 0, 10_000.0, false).squeeze(0);
      }
      NDArray scores = turned[0].matMul(turned[1].transpose());
      if (!normalized) {
        scores = scores.mul(scale);
      }
      if (causal) {
        NDArray step = m.getManager().arange((float) length);
        NDArray later = step.expandDims(0).gt(step.expandDims(1)); // (T, T)
        scores = scores.add(later.toType(DataType.FLOAT64, false).mul(-1e30));
      }
      outputs.add(scores.softmax(-1).matMul(v.get(":, {}:{}", h * values, (h + 1) * values)));
    }
    NDArray o = NDArrays.concat(outputs, 1);
    return linear(a, m, "skip").add(linear(a, o.mul(r), "out"));
  }

  private static NDArray silu(NDArray x) {
    return x.mul(Activation.sigmoid(x));
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void isItsFormulaInEveryChunk(boolean normalized) {
    NormalizedAttention attention = attention(5, normalized);
    NDArray m = filled(1, 2, 13, DIM);
    NDArray n = filled(2, 2, 13, DIM);
    NDArray y = attention.forward(store, m, n, null, false);
    NDArray both = attention.encode(store, m, n, null, false);
    for (int b = 0; b < 2; b++) {
      for (int from = 0; from < 13; from += 5) {
        String part = b + ", " + from + ":" + Math.min(13, from + 5);
        NDArray causal = formula(attention, m.get(part), n.get(part), normalized, true);
        assertThat(y.get(part).sub(causal).abs().max().getDouble()).isLessThan(1e-12);
        NDArray open = formula(attention, m.get(part), n.get(part), normalized, false);
        assertThat(both.get(part).sub(open).abs().max().getDouble()).isLessThan(1e-12);
      }
    }
  }

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    NormalizedAttention attention = attention(4, true);
    NDList leaves = new NDList(filled(1, 2, 7, DIM), filled(2, 2, 7, DIM));
    attention.namedParameters().values().forEach(p -> leaves.add(p.getArray()));
    double worst =
        GradientCheck.worst(
            p -> attention.forward(store, p.get(0), p.get(1), null, true), leaves, 8);
    assertThat(worst).isLessThan(1e-6);
  }
}
