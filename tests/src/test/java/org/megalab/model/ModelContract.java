package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.torchscript.GradientCheck;

/**
 * What every model promises. A test of one architecture extends this and has a static {@code
 * configs()} with small configurations of it.
 */
public abstract class ModelContract {
  /** The contextLength of the configurations, which have a vocabulary of 11. */
  protected static final int LENGTH = 24;

  /** Whether every row depends on every earlier id. */
  boolean seesTheWholePast(ModelConfig config) {
    return true;
  }

  static SequenceModel model(ModelConfig config) {
    return config.newModel().initialize(Device.cpu(), 3);
  }

  static NDArray ids(NDManager manager, int batch, int length) {
    long[] ids = new Random(5).longs((long) batch * length, 0, 11).toArray();
    return manager.create(ids, new Shape(batch, length));
  }

  /** What a change of an id may move earlier rows by: rounding, where time goes through an FFT. */
  float rounding() {
    return 1e-6f;
  }

  @ParameterizedTest
  @MethodSource("configs")
  void rowsDependOnEarlierIdsAndNoOther(ModelConfig config) {
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, LENGTH);
      NDArray rows = model.logits(ids);
      for (int t = 0; t < LENGTH; t++) {
        float[] moved = moved(model, ids, rows, t);
        for (int row = 0; row < LENGTH; row++) {
          if (row <= t) {
            assertThat(moved[row])
                .as("row %d after a change of id %d", row, t)
                .isLessThan(rounding());
          } else if (seesTheWholePast(config)) {
            assertThat(moved[row])
                .as("row %d after a change of id %d", row, t)
                .isGreaterThan(1e-6f);
          }
        }
      }
    }
  }

  /** How far each row moves when id t changes. */
  static float[] moved(SequenceModel model, NDArray ids, NDArray rows, int t) {
    NDArray changed = ids.duplicate();
    changed.set(new NDIndex("0, {}", t), (ids.getLong(0, t) + 1) % 11);
    return model.logits(changed).sub(rows).abs().max(new int[] {2}).toFloatArray();
  }

  @ParameterizedTest
  @MethodSource("configs")
  void shorterInputsGiveTheSameRows(ModelConfig config) {
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 2, LENGTH);
      NDArray rows = model.logits(ids);
      for (int length = 1; length <= LENGTH; length++) {
        NDArray shorter = ids.get(":, :{}", length);
        NDArray part = model.logits(shorter);
        assertThat(part.getShape()).isEqualTo(new Shape(2, length, 11));
        assertThat(part.sub(rows.get(":, :{}", length)).abs().max().getFloat()).isLessThan(1e-5f);
        NDArray loss = model.perByteLoss(shorter);
        NDArray expected = part.logSoftmax(-1).gather(shorter.expandDims(2), 2).squeeze(2).neg();
        assertThat(loss.sub(expected).abs().max().getFloat()).isLessThan(1e-5f);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void streamingInAnySplitIsTheFullForward(ModelConfig config) {
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager();
        DecodingState state = model.newDecodingState(2)) {
      NDArray ids = ids(manager, 2, LENGTH);
      NDArray rows = model.logits(ids);
      Random random = new Random(7);
      for (int round = 0; round < 12; round++) {
        state.reset();
        NDList parts = new NDList();
        while (state.position() < LENGTH) {
          long from = state.position();
          long n =
              round == 0 ? 1 : Math.min(1 + random.nextInt(round == 1 ? LENGTH : 9), LENGTH - from);
          NDArray next = state.next().duplicate();
          NDArray part = state.feed(ids.get(":, {}:{}", from, from + n));
          assertThat(part.get(":, 0").sub(next).abs().max().getFloat()).isLessThan(1e-5f);
          parts.add(part);
        }
        NDArray streamed = NDArrays.concat(parts, 1);
        assertThat(streamed.getShape()).isEqualTo(rows.getShape());
        assertThat(streamed.sub(rows).abs().max().getFloat()).isLessThan(2e-5f);
      }
      assertThat(state.feed(ids.get(":, :0")).getShape()).isEqualTo(new Shape(2, 0, 11));
      if (state.capacity() == LENGTH) {
        assertThatThrownBy(() -> state.feed(ids.get(":, :1"))).hasMessageContaining("no room");
      } else {
        assertThat(state.capacity()).isEqualTo(Long.MAX_VALUE);
      }
      assertThatThrownBy(() -> state.feed(ids.get("0"))).hasMessageContaining("(2, n)");
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void wrongIdsAreNamedAndChangeNothing(ModelConfig config) {
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager();
        DecodingState state = model.newDecodingState(2)) {
      NDArray ids = ids(manager, 2, LENGTH);
      NDArray rows = model.logits(ids);
      NDArray wrong = ids.duplicate();
      wrong.set(new NDIndex("1, 7"), 11); // a row that only a start symbol may have
      NDArray negative = ids.duplicate();
      negative.set(new NDIndex("0, {}", LENGTH - 1), -1); // predicted, never read
      int held = managed(model.manager());
      int borrowed = managed(manager);
      for (boolean training : new boolean[] {false, true}) {
        ParameterStore store = new ParameterStore(manager, false);
        assertThatThrownBy(() -> model.logits(store, wrong, training))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("id 11, number 7 of row 1")
            .hasMessageContaining("vocabularySize = 11 allows 0 … 10");
        assertThatThrownBy(() -> model.perByteLoss(store, negative, training))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("id -1, number 23 of row 0");
      }
      state.feed(ids.get(":, :5")).close();
      assertThatThrownBy(() -> state.feed(wrong.get(":, 5:")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("id 11, number 2 of row 1");
      NDArray floats = ids.get(":, 5:6").toType(DataType.FLOAT32, true);
      assertThatThrownBy(() -> state.feed(floats)).hasMessageContaining("int64");
      assertThat(wrong.getManager()).isSameAs(manager);
      floats.close();
      NDArray sixth = state.feed(ids.get(":, 5:6"));
      assertThat(sixth.sub(rows.get(":, 5:6")).abs().max().getFloat()).isLessThan(1e-5f);
      assertThat(managed(model.manager())).isEqualTo(held);
      assertThat(managed(manager)).isLessThan(borrowed + 12); // views and results of this test
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void streamingHoldsConstantMemory(ModelConfig config) {
    try (SequenceModel model = model(config);
        NDManager manager = NDManager.newBaseManager();
        DecodingState state = model.newDecodingState(1)) {
      NDArray ids = ids(manager, 1, LENGTH);
      int before = 0;
      for (int round = 0; round < 3; round++) {
        state.reset();
        while (state.position() < LENGTH) {
          state.feed(ids.get(":, {}:{}", state.position(), state.position() + 1)).close();
        }
        int now = managed(model.manager());
        assertThat(round == 0 ? now : before).isEqualTo(now);
        before = now;
      }
    }
  }

  private static int managed(NDManager manager) {
    return manager.getManagedArrays().size();
  }

  @ParameterizedTest
  @MethodSource("configs")
  void parametersSurviveDjlsOwnFormat(ModelConfig config) throws Exception {
    try (SequenceModel model = model(config);
        SequenceModel copy = config.newModel().initialize(Device.cpu(), 4);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ids(manager, 1, LENGTH);
      assertThat(copy.logits(ids).sub(model.logits(ids)).abs().max().getFloat())
          .isGreaterThan(1e-4f);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      model.saveParameters(new DataOutputStream(bytes));
      copy.loadParameters(
          manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      model
          .namedParameters()
          .forEach(
              (name, p) ->
                  assertThat(copy.weight(name).contentEquals(p.getArray())).as(name).isTrue());
      assertThat(copy.logits(ids).sub(model.logits(ids)).abs().max().getFloat()).isLessThan(1e-6f);
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void configurationsSurviveTheirText(ModelConfig config) {
    assertThat(ModelConfig.fromJson(config.toJson())).isEqualTo(config);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void seedDecidesTheParameters(ModelConfig config) {
    try (SequenceModel one = model(config);
        SequenceModel two = model(config)) {
      one.namedParameters()
          .forEach(
              (name, p) ->
                  assertThat(two.weight(name).contentEquals(p.getArray())).as(name).isTrue());
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void gradientsAgreeWithFiniteDifferences(ModelConfig config) {
    try (NDManager manager = NDManager.newBaseManager()) {
      SequenceModel model = config.newModel();
      model.initialize(manager, DataType.FLOAT64, new Shape(1, LENGTH));
      NDArray ids = ids(manager, 1, LENGTH - 1);
      // Every kind of parameter once; the layers repeat them.
      NDList leaves = new NDList();
      for (String name : model.namedParameters().keySet()) {
        if (!name.contains("layers.1")) {
          leaves.add(model.weight(name));
        }
      }
      double worst =
          GradientCheck.worst(
              inputs -> model.perByteLoss(new ParameterStore(manager, false), ids, true),
              leaves,
              6);
      assertThat(worst).isLessThan(1e-6);
    }
  }
}
