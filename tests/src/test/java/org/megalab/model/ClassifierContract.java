package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.model.ClassifierConfig.Input;
import org.megalab.torchscript.GradientCheck;
import org.megalab.torchscript.Tensors;

/**
 * What a classifier promises, whatever encodes. A test of one architecture extends this and has a
 * static {@code encoders()} with small configurations of it, of a vocabulary of 11.
 */
abstract class ClassifierContract {
  private static final int LENGTH = 15;

  private static ClassifierConfig config(EncoderConfig encoder, Input input) {
    return ClassifierConfig.builder().setEncoder(encoder).setClasses(3).optInput(input).build();
  }

  private static NDArray symbols(NDManager manager, int batch) {
    long[] ids = new Random(5).longs((long) batch * LENGTH, 0, 11).toArray();
    return manager.create(ids, new Shape(batch, LENGTH));
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void everyStepCountsAndPaddingDoesNot(EncoderConfig encoder) {
    try (SequenceClassifier model =
            config(encoder, Input.SYMBOLS).newModel().initialize(Device.cpu(), 3);
        NDManager manager = NDManager.newBaseManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDArray x = symbols(manager, 2);
      NDArray logits = model.logits(x);
      assertThat(logits.getShape()).isEqualTo(new Shape(2, 3));
      for (int t = 0; t < LENGTH; t++) {
        NDArray changed = x.duplicate();
        changed.set(new ai.djl.ndarray.index.NDIndex("0, {}", t), (x.getLong(0, t) + 1) % 11);
        NDArray moved = model.logits(changed).sub(logits).abs();
        assertThat(moved.get(0).max().getFloat()).as("step %d", t).isGreaterThan(1e-6f);
        assertThat(moved.get(1).max().getFloat()).isLessThan(1e-6f);
      }
      boolean[] mask = new boolean[2 * (LENGTH + 4)];
      for (int t = LENGTH; t < LENGTH + 4; t++) {
        mask[t] = true;
        mask[LENGTH + 4 + t] = true;
      }
      NDArray padding = manager.create(mask, new Shape(2, LENGTH + 4));
      NDArray longer = NDArrays.concat(new NDList(x, x.get(":, :4")), 1);
      NDArray padded = model.logits(store, longer, padding, false);
      assertThat(padded.sub(logits).abs().max().getFloat()).isLessThan(2e-5f);
    }
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void gradientsAgreeWithFiniteDifferences(EncoderConfig encoder) {
    try (NDManager manager = NDManager.newBaseManager()) {
      SequenceClassifier model = config(encoder, Input.REAL).newModel();
      model.initialize(manager, DataType.FLOAT64, new Shape(1, 1));
      NDArray x = manager.create(GradientCheck.fill(4, 2 * LENGTH, 1, 0), new Shape(2, LENGTH));
      boolean[] mask = new boolean[2 * LENGTH];
      mask[LENGTH - 1] = true;
      NDArray padding = manager.create(mask, new Shape(2, LENGTH));
      NDList leaves = new NDList();
      for (String name : model.namedParameters().keySet()) {
        if (!name.contains("layers.1")) {
          leaves.add(model.weight(name));
        }
      }
      ParameterStore store = new ParameterStore(manager, false);
      double worst = GradientCheck.worst(p -> model.logits(store, x, padding, true), leaves, 5);
      assertThat(worst).isLessThan(1e-6);
    }
  }

  /** Plain gradient descent on eight sequences with random labels. */
  @ParameterizedTest
  @MethodSource("encoders")
  void learnsABatchByHeart(EncoderConfig encoder) {
    try (SequenceClassifier model =
            config(encoder, Input.SYMBOLS).newModel().initialize(Device.cpu(), 3);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray x = symbols(manager, 8);
      NDArray labels = manager.create(new long[] {0, 1, 2, 1, 0, 2, 2, 1});
      model.namedParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
      double first = 0;
      double last = 0;
      for (int step = 0; step < 300; step++) {
        try (NDManager scope = manager.newSubManager();
            GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
          scope.tempAttachAll(x, labels);
          ParameterStore store = new ParameterStore(scope, false);
          NDArray loss = SequenceClassifier.loss(model.logits(store, x, null, true), labels, true);
          gradients.backward(loss);
          last = loss.getFloat();
          first = step == 0 ? last : first;
          model
              .namedParameters()
              .values()
              .forEach(
                  p -> {
                    NDArray gradient = p.getArray().getGradient();
                    gradient.attach(scope);
                    double norm = Math.max(1e-8, gradient.norm().getFloat());
                    double rate = 0.1 * Math.min(1, 1 / norm);
                    Tensors.assign(p.getArray(), p.getArray().sub(gradient.mul(rate)));
                    Tensors.zero(new NDList(gradient));
                  });
        }
      }
      assertThat(first).isGreaterThan(0.8);
      assertThat(last).isLessThan(0.3 * first);
      NDArray logits = model.logits(x);
      assertThat(SequenceClassifier.accuracy(logits, labels)).isGreaterThan(0.85);
    }
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void configurationsSurviveTheirText(EncoderConfig encoder) {
    for (Input input : Input.values()) {
      ClassifierConfig config = config(encoder, input);
      assertThat(ClassifierConfig.fromJson(config.toJson())).isEqualTo(config);
    }
  }

  @Test
  void wrongInputsAreNamed() {
    EncoderConfig encoder =
        MegalodonContractTest.small().optNorm(MegalodonConfig.Norm.GROUP).build();
    try (SequenceClassifier model =
            config(encoder, Input.REAL).newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> model.logits(symbols(manager, 1)))
          .hasMessageContaining("real numbers")
          .hasMessageContaining("int64");
      NDArray x = manager.zeros(new Shape(1, 4));
      assertThatThrownBy(
              () ->
                  model.logits(
                      new ParameterStore(manager, false),
                      x,
                      manager.zeros(new Shape(1, 3), DataType.BOOLEAN),
                      false))
          .hasMessageContaining("(1, 4)")
          .hasMessageContaining("(1, 3)");
    }
    assertThatThrownBy(
            () ->
                ClassifierConfig.fromJson(
                    "{\"encoder\": {\"architecture\": \"megabyte\", \"preset\": \"tiny\"},"
                        + " \"classes\": 3}"))
        .hasMessageContaining("one direction");
    assertThatThrownBy(() -> config(encoder, Input.REAL).toBuilder().setClasses(1).build())
        .hasMessageContaining("classes");
  }
}
