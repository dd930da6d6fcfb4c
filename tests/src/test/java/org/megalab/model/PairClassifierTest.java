package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.ParameterStore;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.megalab.layer.RelativeBias;
import org.megalab.torchscript.GradientCheck;

/** A classifier of two sequences, as in the Long Range Arena's retrieval. */
class PairClassifierTest {
  private static final int LENGTH = 9;

  private static final ClassifierConfig CONFIG =
      ClassifierConfig.builder()
          .setEncoder(MegaContractTest.mega().optRelativeBias(RelativeBias.SIMPLE).build())
          .setClasses(2)
          .optPair(true)
          .build();

  private static NDArray symbols(NDManager manager, int batch, int length) {
    long[] ids = new Random(5).longs((long) batch * length, 0, 11).toArray();
    return manager.create(ids, new Shape(batch, length));
  }

  /** The mean (D) of one sequence (1, T) without padding, from the encoder itself. */
  private static NDArray mean(SequenceClassifier model, ParameterStore store, NDArray x) {
    NDArray table = model.weight("input.weight");
    NDArray e = table.get(x.reshape(x.size())).expandDims(0); // (1, T, D)
    return model
        .getChildren()
        .get(0)
        .getValue()
        .forward(store, new NDList(e), false)
        .singletonOrThrow()
        .mean(new int[] {1})
        .reshape(-1);
  }

  @Test
  void equalsTwoEncodingsSideBySide() {
    try (SequenceClassifier model = CONFIG.newModel().initialize(Device.cpu(), 3);
        NDManager manager = NDManager.newBaseManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDArray x = symbols(manager, 3, 2 * LENGTH);
      // The second of each pair is two steps shorter, the first of the last pair five.
      boolean[] mask = new boolean[3 * 2 * LENGTH];
      int[][] lengths = {{LENGTH, LENGTH - 2}, {LENGTH, LENGTH - 2}, {LENGTH - 5, LENGTH - 2}};
      NDList expected = new NDList();
      for (int b = 0; b < 3; b++) {
        NDList means = new NDList();
        for (int half = 0; half < 2; half++) {
          int from = half * LENGTH;
          for (int t = lengths[b][half]; t < LENGTH; t++) {
            mask[b * 2 * LENGTH + from + t] = true;
          }
          NDArray sequence = x.get("{}:{}, {}:{}", b, b + 1, from, from + lengths[b][half]);
          means.add(mean(model, store, sequence));
        }
        NDArray pooled = NDArrays.concat(means).reshape(1, -1); // (1, 2D)
        NDArray hidden =
            pooled
                .matMul(model.weight("hidden.weight").transpose())
                .add(model.weight("hidden.bias"));
        expected.add(
            Activation.gelu(hidden).matMul(model.weight("out.weight").transpose()).reshape(2));
      }
      NDArray padding = manager.create(mask, new Shape(3, 2 * LENGTH));
      NDArray logits = model.logits(store, x, padding, false);
      assertThat(logits.sub(NDArrays.stack(expected)).abs().max().getFloat()).isLessThan(1e-5f);
      NDArray unpadded = model.logits(x);
      assertThat(unpadded.sub(logits).abs().max().getFloat()).isGreaterThan(1e-4f);
    }
  }

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    try (NDManager manager = NDManager.newBaseManager()) {
      SequenceClassifier model = CONFIG.newModel();
      model.initialize(manager, DataType.FLOAT64, new Shape(1, 2));
      NDArray x = symbols(manager, 2, 2 * LENGTH);
      NDList leaves = new NDList();
      for (String name : model.namedParameters().keySet()) {
        if (!name.contains("layers.1")) {
          leaves.add(model.weight(name));
        }
      }
      ParameterStore store = new ParameterStore(manager, false);
      double worst = GradientCheck.worst(p -> model.logits(store, x, null, true), leaves, 5);
      assertThat(worst).isLessThan(1e-6);
    }
  }

  @Test
  void pairsAreWholeAndSurviveTheText() {
    assertThat(ClassifierConfig.fromJson(CONFIG.toJson())).isEqualTo(CONFIG);
    assertThat(CONFIG.toBuilder().build()).isEqualTo(CONFIG);
    assertThat(CONFIG.toBuilder().optPair(false).build().pair()).isFalse();
    try (SequenceClassifier model = CONFIG.newModel().initialize(Device.cpu(), 3);
        NDManager manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> model.logits(symbols(manager, 2, 7)))
          .hasMessageContaining("pair")
          .hasMessageContaining("(2, 7)");
    }
  }
}
