package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.data.Corpus;
import org.megalab.data.RandomWindows;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Script;

/** What is learned in bfloat16, step by step beside float32. */
class PrecisionCurvesTest {
  private static final int STEPS = 80;
  private static final int WINDOW = 10;

  private static final Script ADAM =
      Script.source(
          "adam",
          """
          def update(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], lr: float) -> Tensor:
              none = annotate(List[Tensor], [])
              ops.aten._foreach_add_(steps, 1)
              ops.aten._fused_adamw_(p, g, m, v, none, steps, lr=lr, beta1=0.9, beta2=0.95, weight_decay=0.,
                                     eps=1e-8, amsgrad=False, maximize=False, grad_scale=None, found_inf=None)
              ops.aten._foreach_zero_(g)
              return steps[0]
          """);

  static Stream<ModelConfig> models() {
    return Stream.of(MegabyteConfig.preset("tiny"), MegalodonConfig.preset("tiny"));
  }

  @ParameterizedTest
  @MethodSource("models")
  void curvesOnBooksAreOneAnother(ModelConfig config) {
    RandomWindows windows = new RandomWindows(Corpus.shipped("books").train(), 256, 4, 1);
    double[][] curves = new double[2][];
    for (Precision precision : new Precision[] {Precision.FLOAT32, Precision.BFLOAT16}) {
      try (SequenceModel model = config.newModel().initialize(Device.cpu(), 3)) {
        curves[precision == Precision.FLOAT32 ? 0 : 1] =
            curve(
                model,
                precision,
                1e-3,
                (store, step) ->
                    model
                        .perByteLoss(
                            store,
                            SequenceModel.ids(step.manager(), windows.batch(step.number())),
                            true)
                        .mean());
      }
    }
    assertThat(distance(curves[0], curves[1])).isLessThan(2e-3);
    for (double[] curve : curves) {
      assertThat(curve[curve.length - 1]).isLessThan(curve[0] - 1);
    }
  }

  /** Which of two symbols there are more of. */
  @Test
  void classifiersLearnAlike() {
    ClassifierConfig config =
        ClassifierConfig.builder()
            .setEncoder(MegaContractTest.mega().optChunkSize(8).build())
            .setClasses(2)
            .build();
    double[][] curves = new double[2][];
    for (Precision precision : new Precision[] {Precision.FLOAT32, Precision.BFLOAT16}) {
      try (SequenceClassifier model = config.newModel().initialize(Device.cpu(), 3)) {
        curves[precision == Precision.FLOAT32 ? 0 : 1] =
            curve(
                model,
                precision,
                3e-3,
                (store, step) -> {
                  Random random = new Random(step.number());
                  long[] ids = random.longs(16 * 15, 0, 2).toArray();
                  long[] labels = new long[16];
                  for (int i = 0; i < 16; i++) {
                    labels[i] = Arrays.stream(ids, i * 15, (i + 1) * 15).sum() > 7 ? 1 : 0;
                  }
                  NDArray x = step.manager().create(ids, new Shape(16, 15));
                  NDArray y = step.manager().create(labels);
                  return SequenceClassifier.loss(model.logits(store, x, null, true), y, true);
                });
      }
    }
    assertThat(distance(curves[0], curves[1])).isLessThan(5e-3);
    for (double[] curve : curves) {
      assertThat(curve[curve.length - 1]).isLessThan(0.5 * curve[0]);
    }
  }

  /** Where the batch of a step is made, and its number. */
  record Step(NDManager manager, int number) {}

  /** The mean losses of tens of steps. */
  private static double[] curve(
      TrainableModel model,
      Precision precision,
      double learningRate,
      BiFunction<ParameterStore, Step, NDArray> loss) {
    NDList parameters = new NDList();
    NDList[] state = {new NDList(), new NDList(), new NDList()};
    for (Parameter parameter : model.namedParameters().values()) {
      if (parameter.requiresGradient()) {
        NDArray array = parameter.getArray();
        array.setRequiresGradient(true);
        parameters.add(array);
        state[0].add(model.manager().zeros(array.getShape()));
        state[1].add(model.manager().zeros(array.getShape()));
        state[2].add(model.manager().zeros(new Shape()));
      }
    }
    double[] means = new double[STEPS / WINDOW];
    for (int i = 0; i < STEPS; i++) {
      try (NDManager manager = model.manager().newSubManager()) {
        try (Autograd autograd = new Autograd()) {
          NDArray value = loss.apply(precision.store(manager), new Step(manager, i));
          autograd.backward(value);
          means[i / WINDOW] += value.toType(DataType.FLOAT64, false).getDouble() / WINDOW;
        }
        NDList gradients = new NDList();
        for (NDArray parameter : parameters) {
          NDArray gradient = parameter.getGradient();
          gradient.attach(manager);
          gradients.add(gradient);
        }
        ADAM.call(
                "update", false, parameters, gradients, state[0], state[1], state[2], learningRate)
            .close();
      }
    }
    return means;
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs(a[i] - b[i]);
    }
    return sum / a.length;
  }
}
