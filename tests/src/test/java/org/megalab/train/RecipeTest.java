package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.data.Corpus;
import org.megalab.data.file.Document;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;

/** Optimizers, schedules, accumulation, averages, and which checkpoints stay. */
class RecipeTest extends TrainingFixture {

  static Stream<Arguments> recipes() {
    List<Arguments> all = new ArrayList<>();
    for (TrainingConfig.OptimizerKind optimizer : TrainingConfig.OptimizerKind.values()) {
      for (TrainingConfig.Decay decay : TrainingConfig.Decay.values()) {
        all.add(Arguments.of(optimizer, decay));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void everyRecipeResumesBitForBit(
      TrainingConfig.OptimizerKind optimizer, TrainingConfig.Decay decay) throws Exception {
    TrainingConfig config =
        config(11).toBuilder()
            .optOptimizer(optimizer)
            .optDecay(decay)
            .optWarmupSteps(3)
            .optLearningRate(optimizer == TrainingConfig.OptimizerKind.SGD ? 0.1 : 3e-3)
            .optWeightDecayOf(TrainingConfig.WeightDecay.ALL)
            .optMicroBatchSize(3)
            .optAverageDecay(0.8)
            .build();
    assertThat(TrainingConfig.fromJson(config.toJson())).isEqualTo(config);
    try (SequenceModel whole = model();
        SequenceModel stopped = model()) {
      training(whole, config, "whole", TrainingListener.NONE).run();
      training(stopped, config, "stopped", p -> interruptAt(p, 6)).run();
      assertThat(Thread.interrupted()).isTrue();
      Training resumed = Training.resume(folder.resolve("stopped"), corpus());
      resumed.run();
      try (TrainableModel model = resumed.model()) {
        assertThat(metrics(folder.resolve("stopped")))
            .isEqualTo(metrics(folder.resolve("whole")))
            .hasSize(11);
        whole
            .namedParameters()
            .forEach(
                (name, p) ->
                    assertThat(model.weight(name).contentEquals(p.getArray())).as(name).isTrue());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TrainingConfig.OptimizerKind.class)
  void everyOptimizerLearns(TrainingConfig.OptimizerKind optimizer) {
    TrainingConfig config =
        config(60).toBuilder()
            .optOptimizer(optimizer)
            .optLearningRate(optimizer == TrainingConfig.OptimizerKind.SGD ? 0.3 : 3e-3)
            .optWeightDecay(1e-4)
            .build();
    try (SequenceModel model = model()) {
      Run run = training(model, config, "learns", TrainingListener.NONE).run();
      assertThat(last(run)).isLessThan(4.2);
    }
  }

  /** Adam and SGD against their formulas, on one parameter's values. */
  @ParameterizedTest
  @EnumSource(TrainingConfig.OptimizerKind.class)
  void updatesAreTheFormulas(TrainingConfig.OptimizerKind kind) {
    TrainingConfig config =
        TrainingConfig.builder()
            .setSteps(5)
            .optOptimizer(kind)
            .optLearningRate(0.01)
            .optWeightDecay(0.3)
            .optWeightDecayOf(TrainingConfig.WeightDecay.ALL)
            .optGradientClip(0)
            .build();
    String watched = "globalToLocal.weight";
    try (SequenceModel model =
            SMALL.toBuilder().optDropout(0).build().newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager();
        Optimizer optimizer = new Optimizer(model, config);
        Gradients gradients = new Gradients(model, config)) {
      Corpus corpus = corpus();
      Task task = Task.of(model, corpus, config);
      double[] p = doubles(model.weight(watched).toFloatArray());
      double[] m = new double[p.length];
      double[] v = new double[p.length];
      for (int t = 1; t <= 3; t++) {
        Gradients.Cost cost = gradients.backward(task.batch(t), t);
        double[] g = doubles(model.weight(watched).getGradient().toFloatArray());
        optimizer.update(0.01, cost.parts()).close();
        cost.close();
        for (int i = 0; i < p.length; i++) {
          switch (kind) {
            case SGD -> {
              m[i] = 0.9 * m[i] + g[i] + 0.3 * p[i];
              p[i] -= 0.01 * m[i];
            }
            case ADAM, ADAMW -> {
              double decayed = kind == TrainingConfig.OptimizerKind.ADAM ? 0.3 * p[i] : 0;
              m[i] = 0.9 * m[i] + 0.1 * (g[i] + decayed);
              v[i] = 0.98 * v[i] + 0.02 * (g[i] + decayed) * (g[i] + decayed);
              double step =
                  m[i]
                      / (1 - Math.pow(0.9, t))
                      / (Math.sqrt(v[i] / (1 - Math.pow(0.98, t))) + 1e-8);
              p[i] -= 0.01 * (step + (kind == TrainingConfig.OptimizerKind.ADAMW ? 0.3 * p[i] : 0));
            }
          }
        }
        double[] ours = doubles(model.weight(watched).toFloatArray());
        for (int i = 0; i < p.length; i++) {
          assertThat(ours[i]).as("%s[%d]", watched, i).isCloseTo(p[i], within(2e-5));
        }
      }
      assertThat(manager.isOpen()).isTrue();
    }
  }

  @Test
  void accumulatedGradientsAreThoseOfTheWholeBatch() {
    try (SequenceModel model =
        SMALL.toBuilder().optDropout(0).build().newModel().initialize(Device.cpu(), 1)) {
      Map<String, float[]> whole = gradients(model, 0);
      for (int micro : new int[] {1, 2, 3}) { // 3 leaves a smaller last part of the 4 windows
        Map<String, float[]> parts = gradients(model, micro);
        whole.forEach(
            (name, expected) -> {
              double scale = norm(expected);
              double[] difference = doubles(parts.get(name));
              for (int i = 0; i < difference.length; i++) {
                difference[i] -= expected[i];
              }
              assertThat(norm(difference)).as(name).isLessThan(1e-6 + 2e-6 * scale);
            });
      }
    }
  }

  private static Map<String, float[]> gradients(SequenceModel model, int micro) {
    TrainingConfig config = config(5).toBuilder().optMicroBatchSize(micro).build();
    Map<String, float[]> found = new LinkedHashMap<>();
    try (Optimizer optimizer = new Optimizer(model, config);
        Gradients gradients = new Gradients(model, config)) {
      Task task = Task.of(model, corpus(), config);
      try (Gradients.Cost cost = gradients.backward(task.batch(0), 0)) {
        double mean = 0;
        for (int part = 0; part < cost.parts().size(); part++) {
          mean += cost.shares().get(part) * cost.parts().get(part).getFloat();
        }
        assertThat(mean).isCloseTo(Math.log(256), within(0.2));
      }
      model
          .namedParameters()
          .forEach((name, p) -> found.put(name, p.getArray().getGradient().toFloatArray()));
      optimizer.discardGradients();
    }
    return found;
  }

  @ParameterizedTest
  @EnumSource(Recipe.class)
  void papersRecipesTrain(Recipe recipe) {
    // Their warm-up is cut to a tenth of the steps, and everything can be changed.
    TrainingConfig config = recipe.builder(30).optBatchSize(4).optCarryState(false).build();
    assertThat(config.warmupSteps()).isLessThanOrEqualTo(3);
    try (SequenceModel model = model()) {
      Run run = training(model, config, recipe.name(), TrainingListener.NONE).run();
      assertThat(run.training()).isEqualTo(config);
      assertThat(last(run)).isLessThan(8);
    }
  }

  @Test
  void recipesAreThePapers() {
    TrainingConfig megalodon = Recipe.MEGALODON.builder(100_000).build();
    assertThat(megalodon.learningRate()).isEqualTo(3.5e-4);
    assertThat(megalodon.warmupSteps()).isEqualTo(2500);
    assertThat(megalodon.beta2()).isEqualTo(0.95);
    assertThat(megalodon.decay()).isEqualTo(TrainingConfig.Decay.COSINE);
    assertThat(megalodon.weightDecayOf()).isEqualTo(TrainingConfig.WeightDecay.ALL);
    TrainingConfig megabyte = Recipe.MEGABYTE.builder(100_000).build();
    assertThat(megabyte.batchSize()).isEqualTo(48);
    assertThat(megabyte.decay()).isEqualTo(TrainingConfig.Decay.LINEAR);
    assertThat(Schedule.of(megabyte).learningRate(100_000)).isZero();
    TrainingConfig community = Recipe.COMMUNITY_MEGABYTE.builder(100_000).build();
    assertThat(community.microBatchSize()).isEqualTo(4);
    assertThat(community.gradientClip()).isEqualTo(0.5);
    assertThat(Schedule.of(community).learningRate(99_999)).isEqualTo(2e-4);
    assertThat(Recipe.TRANSFORMER_XL.builder(100_000).build().carryState()).isTrue();
    assertThat(Recipe.LLAMA.builder(100_000).build().epsilon()).isEqualTo(1e-5);
  }

  @Test
  void schedulesAreTheFormulas() {
    for (TrainingConfig.Decay decay : TrainingConfig.Decay.values()) {
      Schedule schedule = new Schedule(decay, 2, 4, 104, 0.1);
      assertThat(schedule.learningRate(1)).isEqualTo(1);
      assertThat(schedule.learningRate(3)).isEqualTo(2);
    }
    Schedule line = new Schedule(TrainingConfig.Decay.LINEAR, 2, 4, 104, 0);
    assertThat(line.learningRate(54)).isEqualTo(1);
    assertThat(line.learningRate(104)).isZero();
    assertThat(new Schedule(TrainingConfig.Decay.CONSTANT, 2, 4, 104, 0).learningRate(90))
        .isEqualTo(2);
    Schedule root = new Schedule(TrainingConfig.Decay.INVERSE_SQRT, 2, 4, 104, 0);
    assertThat(root.learningRate(15)).isCloseTo(2 * Math.sqrt(4 / 16.0), within(1e-15));
    assertThat(root.learningRate(99)).isCloseTo(2 * Math.sqrt(4 / 100.0), within(1e-15));
  }

  @Test
  void anAverageIsWhatIsEvaluatedAndLoaded() {
    TrainingConfig config = config(30).toBuilder().optAverageDecay(0.95).build();
    try (SequenceModel model = model()) {
      Run run = training(model, config, "average", TrainingListener.NONE).run();
      double told = last(run);
      int context = model.config().contextLength();
      assertThat(BitsPerByte.of(model, corpus().validation()).value()).isEqualTo(told);
      try (SequenceModel loaded = run.load(Device.cpu())) {
        assertThat(BitsPerByte.of(loaded, corpus().validation(), context, () -> false).value())
            .isEqualTo(told);
      }
    }
  }

  @Test
  void theBestCheckpointStays() {
    // Learns the training text by heart, and gets worse at another.
    Corpus corpus =
        Corpus.of(
            "other",
            corpus().train().documents(),
            List.of(
                Document.of(
                    "v",
                    "zebras quack jovially, 1234567890"
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8))),
            List.of());
    TrainingConfig config =
        config(60).toBuilder().optLearningRate(1e-2).optKeepCheckpoints(1).build();
    try (SequenceModel model = model()) {
      Run run =
          Training.builder()
              .setModel(model)
              .setData(corpus)
              .setConfig(config)
              .setDirectory(folder.resolve("best"))
              .optListener(TrainingListener.NONE)
              .build()
              .run();
      var column = run.metrics().doubleColumn("validationBpb");
      long best = 0;
      double lowest = Double.POSITIVE_INFINITY;
      for (int i = 0; i < column.size(); i++) {
        if (!column.isMissing(i) && column.get(i) < lowest) {
          lowest = column.get(i);
          best = i + 1L;
        }
      }
      assertThat(best).isLessThan(60);
      assertThat(run.checkpoints()).containsExactly(best, 60L);
      assertThat(run.bestCheckpoint()).isEqualTo(best);
      try (SequenceModel loaded = run.load(best, Device.cpu())) {
        assertThat(BitsPerByte.of(loaded, corpus.validation()).value()).isEqualTo(lowest);
      }
      assertThatThrownBy(() -> run.load(7, Device.cpu()))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("no checkpoint of step 7");
    }
  }

  @Test
  void aLossThatIsNotFiniteNamesBatchAndGradients() {
    try (SequenceModel model = model()) {
      Training training =
          training(
              model,
              config(9),
              "broken",
              new TrainingListener() {
                @Override
                public void onStep(Progress progress) {
                  if (progress.step() == 6) {
                    model.weight("localPad.weight").muli(Float.NaN);
                  }
                }
              });
      assertThatThrownBy(training::run)
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("at step 7 the loss is NaN")
          .hasMessageContaining("the checkpoint of step 5 stands")
          .hasMessageContaining("whale from byte ")
          .hasMessageContaining("costs NaN")
          .hasMessageContaining("Largest gradients: ")
          .hasMessageContaining(" NaN")
          .hasMessageContaining("smaller one, a longer warm-up");
      assertThat(Run.open(folder.resolve("broken")).newestCheckpoint()).isEqualTo(5);
    }
  }

  private static double norm(float[] values) {
    return norm(doubles(values));
  }

  private static double norm(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
