package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.Gpu;
import org.megalab.OnGpu;
import org.megalab.data.Corpus;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;

/** Training on a GPU against the CPU: the same parameters, the same batches. */
@OnGpu
class TrainingOnGpuTest extends TrainingFixture {

  static Stream<ModelConfig> tiny() {
    return ModelConfig.presets().keySet().stream().map(name -> ModelConfig.preset(name, "tiny"));
  }

  /**
   * What a training came to.
   *
   * @param way the changes of all parameters, one after the other, and by name
   */
  private record Trained(List<Progress> steps, Map<String, double[]> way) {}

  private Trained train(ModelConfig config, TrainingConfig training, Device device, String name) {
    List<Progress> steps = new ArrayList<>();
    try (SequenceModel model = Gpu.model(config, device)) {
      Map<String, float[]> before = learned(model);
      Training.builder()
          .setModel(model)
          .setData(books())
          .setConfig(training)
          .setDirectory(folder.resolve(name))
          .optListener(steps::add)
          .build()
          .run();
      Map<String, double[]> way = new TreeMap<>();
      learned(model).forEach((key, after) -> way.put(key, difference(after, before.get(key))));
      return new Trained(steps, way);
    }
  }

  /** Books without what is evaluated. */
  private static Corpus books() {
    return Corpus.of("books", Corpus.shipped("books").train().documents(), List.of(), List.of());
  }

  private static Map<String, float[]> learned(SequenceModel model) {
    Map<String, float[]> parameters = new TreeMap<>();
    model
        .namedParameters()
        .forEach(
            (name, p) -> {
              if (p.requiresGradient()) {
                parameters.put(name, Tensors.floats(p.getArray()));
              }
            });
    return parameters;
  }

  private static double[] difference(float[] after, float[] before) {
    double[] difference = new double[after.length];
    for (int i = 0; i < after.length; i++) {
      difference[i] = (double) after[i] - before[i];
    }
    return difference;
  }

  private static TrainingConfig steps(
      int steps, TrainingConfig.OptimizerKind optimizer, double rate) {
    return TrainingConfig.builder()
        .setSteps(steps)
        .optBatchSize(4)
        .optWarmupSteps(1)
        .optOptimizer(optimizer)
        .optLearningRate(rate)
        .optWeightDecay(0.1)
        .build();
  }

  /** Plain gradients: the ways of every parameter are the same. */
  @ParameterizedTest
  @MethodSource("tiny")
  void stepsAlongTheGradientAreThoseOfTheCpu(ModelConfig config) {
    TrainingConfig training = steps(3, TrainingConfig.OptimizerKind.SGD, 0.1);
    Trained gpu = train(config, training, Gpu.device(), "gpu");
    Trained cpu = train(config, training, Device.cpu(), "cpu");
    assertSameLosses(gpu, cpu, 1e-5);
    cpu.way.forEach(
        (name, way) -> {
          assertThat(norm(way)).as(name).isPositive();
          assertThat(distance(gpu.way.get(name), way)).as(name).isLessThan(1e-3 * norm(way));
        });
  }

  /**
   * AdamW divides by the gradient's size: where a gradient is little more than rounding, the way of
   * its parameter is anyone's, so that all are judged together.
   */
  @ParameterizedTest
  @MethodSource("tiny")
  void aRunWithAdamWIsThatOfTheCpu(ModelConfig config) {
    TrainingConfig training = steps(20, TrainingConfig.OptimizerKind.ADAMW, 1e-3);
    Trained gpu = train(config, training, Gpu.device(), "gpu");
    Trained cpu = train(config, training, Device.cpu(), "cpu");
    assertSameLosses(gpu, cpu, 1e-4);
    assertThat(cpu.steps.get(19).loss()).isLessThan(cpu.steps.get(0).loss() - 0.5);
    double distance = 0;
    double norm = 0;
    for (String name : cpu.way.keySet()) {
      distance += Math.pow(distance(gpu.way.get(name), cpu.way.get(name)), 2);
      norm += Math.pow(norm(cpu.way.get(name)), 2);
    }
    assertThat(Math.sqrt(distance / norm)).isLessThan(0.01);
  }

  private static void assertSameLosses(Trained gpu, Trained cpu, double tolerance) {
    assertThat(gpu.steps).hasSameSizeAs(cpu.steps).isNotEmpty();
    for (int i = 0; i < cpu.steps.size(); i++) {
      Progress found = gpu.steps.get(i);
      Progress expected = cpu.steps.get(i);
      assertThat(found.loss() / expected.loss()).isBetween(1 - tolerance, 1 + tolerance);
      assertThat(found.gradientNorm() / expected.gradientNorm())
          .isBetween(1 - 10 * tolerance, 1 + 10 * tolerance);
    }
  }

  private static double norm(double[] way) {
    return distance(way, new double[way.length]);
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }
}
