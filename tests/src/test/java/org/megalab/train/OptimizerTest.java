package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.layer.BatchNorm;
import org.megalab.layer.LayerStack;
import org.megalab.layer.NormWeight;
import org.megalab.model.LanguageModel;
import org.megalab.model.LlamaConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.S4dConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;

class OptimizerTest {

  private static final Pattern RECURRENCE =
      Pattern.compile(".*\\.(logStep|logDecayRate|frequency)");

  static Stream<ModelConfig> configs() {
    return Stream.of(
        MegabyteConfig.builder()
            .setContextLength(8)
            .setPatchSize(2)
            .setGlobal(TransformerSize.of(8, 1, 1))
            .setLocal(TransformerSize.of(4, 1, 1))
            .optDropout(0)
            .optInitStd(0.3)
            .build(),
        S4dConfig.builder()
            .setContextLength(8)
            .setModelDim(4)
            .setLayers(1)
            .optStateDim(8)
            .optInitStd(0.3)
            .build());
  }

  /** The textbook update in float64, from the gradients of the same model. */
  @ParameterizedTest
  @MethodSource("configs")
  void agreesWithTheFormula(ModelConfig config) {
    TrainingConfig training =
        TrainingConfig.builder()
            .setSteps(3)
            .optLearningRate(0.01)
            .optBeta2(0.95)
            .optWeightDecay(0.2)
            .optGradientClip(0.5)
            .build();
    double lr = 0.01;
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 5);
        NDManager manager = NDManager.newBaseManager();
        Optimizer optimizer = new Optimizer(model, training)) {
      Map<String, double[]> p = new LinkedHashMap<>();
      Map<String, double[][]> moments = new LinkedHashMap<>();
      model
          .namedParameters()
          .forEach((name, parameter) -> p.put(name, doubles(parameter.getArray().toFloatArray())));
      p.forEach((name, values) -> moments.put(name, new double[2][values.length]));
      for (int t = 1; t <= 3; t++) {
        int updates = t;
        try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
          gradients.backward(
              model
                  .perByteLoss(
                      new ParameterStore(manager, false),
                      SequenceModel.ids(manager, new byte[] {1, 7, 3, (byte) 200, 5, 6, 7, 9}),
                      true)
                  .mean());
        }
        Map<String, double[]> g = new LinkedHashMap<>();
        p.keySet()
            .forEach(name -> g.put(name, doubles(model.weight(name).getGradient().toFloatArray())));
        double norm =
            Math.sqrt(
                g.values().stream()
                    .flatMapToDouble(java.util.Arrays::stream)
                    .map(x -> x * x)
                    .sum());
        for (String name : p.keySet()) {
          boolean recurrence = RECURRENCE.matcher(name).matches();
          double decay = !recurrence && model.weight(name).getShape().dimension() > 1 ? 0.2 : 0;
          double rate = recurrence ? 0.1 * lr : lr; // 0.001 at the peak
          double[] m = moments.get(name)[0];
          double[] v = moments.get(name)[1];
          for (int i = 0; i < m.length; i++) {
            double gi = g.get(name)[i] * Math.min(1, 0.5 / norm);
            m[i] = 0.9 * m[i] + 0.1 * gi;
            v[i] = 0.95 * v[i] + 0.05 * gi * gi;
            double mHat = m[i] / (1 - Math.pow(0.9, t));
            double vHat = v[i] / (1 - Math.pow(0.95, t));
            p.get(name)[i] -= rate * (mHat / (Math.sqrt(vHat) + 1e-8) + decay * p.get(name)[i]);
          }
        }
        try (NDArray cost = model.manager().zeros(new Shape());
            NDArray found = optimizer.update(lr, new NDList(cost))) {
          assertThat((double) found.getFloat())
              .isCloseTo(norm, within(1e-5 * norm))
              .isGreaterThan(0.5);
        }
        p.forEach(
            (name, values) -> {
              assertThat(model.weight(name).getGradient().abs().sum().getFloat()).isZero();
              double[] ours = doubles(model.weight(name).toFloatArray());
              for (int i = 0; i < ours.length; i++) {
                // The gradient of the key bias, the middle third, is rounding alone: AdamW moves it
                // by up to lr in any direction.
                boolean keyBias = name.endsWith("qkv.bias") && i * 3 / ours.length == 1;
                assertThat(ours[i])
                    .as("%s[%d]", name, i)
                    .isCloseTo(values[i], within(keyBias ? 2 * lr * updates : 1e-5));
              }
            });
      }
    }
  }

  /** Running statistics are saved with the parameters, but belong to no optimizer. */
  @Test
  void runningStatisticsAreNotTrained() {
    S4dConfig config = S4dConfig.preset("tiny");
    LayerStack stack = new LayerStack();
    stack.add("norm", new BatchNorm(4, NormWeight.PLAIN, 1e-5));
    LanguageModel.Vocabulary bytes =
        new LanguageModel.Vocabulary(256, 0, 4, 1, true, 0, new NormalInitializer(1));
    LanguageModel model =
        new LanguageModel(bytes, stack) {
          @Override
          public ModelConfig config() {
            return config;
          }

          @Override
          protected long longest() {
            return 8;
          }

          @Override
          protected boolean boundedState() {
            return true;
          }
        };
    TrainingConfig training = TrainingConfig.builder().setSteps(1).optWeightDecay(0.2).build();
    try (SequenceModel initialized = model.initialize(Device.cpu(), 5);
        NDManager manager = NDManager.newBaseManager();
        Optimizer optimizer = new Optimizer(initialized, training)) {
      assertThat(model.parameterCount()).isEqualTo(256 * 4 + 2 * 4);
      float[] weight = model.weight("stack.norm.weight").toFloatArray();
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        NDArray ids = SequenceModel.ids(manager, new byte[] {1, 7, 3, 5});
        gradients.backward(model.perByteLoss(new ParameterStore(manager, false), ids, true).mean());
      }
      float[] mean = model.weight("stack.norm.runningMean").toFloatArray();
      float[] variance = model.weight("stack.norm.runningVariance").toFloatArray();
      assertThat(mean).doesNotContain(0f);
      optimizer.update(0.1, new NDList(manager.zeros(new Shape()))).close();
      assertThat(model.weight("stack.norm.weight").toFloatArray()).isNotEqualTo(weight);
      assertThat(model.weight("stack.norm.runningMean").toFloatArray()).containsExactly(mean);
      assertThat(model.weight("stack.norm.runningVariance").toFloatArray())
          .containsExactly(variance);
    }
  }

  @Test
  void nothingIsUpdatedBehindACostThatIsNotFinite() {
    TrainingConfig training = TrainingConfig.builder().setSteps(9).build();
    try (SequenceModel model = LlamaConfig.preset("tiny").newModel().initialize(Device.cpu(), 5);
        NDManager manager = NDManager.newBaseManager();
        Optimizer optimizer = new Optimizer(model, training)) {
      NDArray weight = model.weight("head.weight");
      float[] before = weight.toFloatArray();
      for (float cost : new float[] {Float.POSITIVE_INFINITY, 1}) {
        weight.getGradient().addi(1);
        optimizer.update(0.1, new NDList(manager.create(cost))).close();
        assertThat(weight.toFloatArray()).containsExactly(before);
        assertThat(weight.getGradient().abs().sum().getFloat()).isZero();
      }
    }
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
