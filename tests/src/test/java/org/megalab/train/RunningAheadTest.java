package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.Gpu;
import org.megalab.data.Corpus;
import org.megalab.data.file.Document;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;

/** Updates handed over before the numbers of those before them are known, rehearsed on a CPU. */
class RunningAheadTest extends TrainingFixture {

  /** The steps of a run of 13 behind which the model is evaluated or written. */
  private static final List<Long> DUE = List.of(4L, 5L, 8L, 10L, 12L, 13L);

  private static final String WATCHED = "globalToLocal.weight";

  private Training ahead(
      SequenceModel model, TrainingConfig config, String name, TrainingListener listener) {
    Training training = training(model, config, name, listener);
    training.runAhead();
    return training;
  }

  private static TrainingConfig nothingDue(int steps) {
    return config(steps).toBuilder().optEvaluateEvery(0).optCheckpointEvery(0).build();
  }

  private static void assertSame(SequenceModel model, Map<String, float[]> expected) {
    assertThat(parameters(model)).usingRecursiveComparison().isEqualTo(expected);
  }

  static Stream<Arguments> configs() {
    ModelConfig carrying =
        ModelConfig.fromJson(
            "{\"architecture\": \"transformer-xl\", \"preset\": \"tiny\", \"contextLength\": 32, \"layers\": 1}");
    return Stream.of(
        Arguments.of("nothing due", SMALL, nothingDue(7)),
        Arguments.of("checkpoints and evaluations", SMALL, config(13)),
        Arguments.of(
            "in parts, averaged, the best kept",
            SMALL,
            config(13).toBuilder()
                .optMicroBatchSize(3)
                .optAverageDecay(0.8)
                .optKeepBest(true)
                .build()),
        Arguments.of(
            "sgd",
            SMALL,
            config(6).toBuilder().optOptimizer(TrainingConfig.OptimizerKind.SGD).build()),
        Arguments.of(
            "a carried state", carrying, config(7).toBuilder().optCarryState(true).build()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("configs")
  void changesNothingThatIsWritten(String name, ModelConfig architecture, TrainingConfig config)
      throws Exception {
    List<Long> steps = new ArrayList<>();
    int arrays = Gpu.arrays();
    try (SequenceModel plain = architecture.newModel().initialize(Device.cpu(), 1);
        SequenceModel model = architecture.newModel().initialize(Device.cpu(), 1)) {
      Run expected = training(plain, config, "plain", TrainingListener.NONE).run();
      Run run = ahead(model, config, "ahead", p -> steps.add(p.step())).run();
      assertSame(model, parameters(plain));
      assertThat(run.interrupted()).isFalse();
      assertThat(run.checkpoints()).isEqualTo(expected.checkpoints());
      for (long step : run.checkpoints()) {
        assertThat(files(folder.resolve("ahead/checkpoints/step-" + step)))
            .usingRecursiveComparison()
            .isEqualTo(files(folder.resolve("plain/checkpoints/step-" + step)));
      }
    }
    assertThat(metrics(folder.resolve("ahead")))
        .isEqualTo(metrics(folder.resolve("plain")))
        .hasSize(config.steps());
    assertThat(steps).isEqualTo(LongStream.rangeClosed(1, config.steps()).boxed().toList());
    assertThat(Gpu.arrays()).isEqualTo(arrays);
  }

  /** The arrays of a checkpoint. */
  private static Map<String, byte[]> files(Path checkpoint) throws Exception {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(checkpoint)) {
      for (Path file : all.filter(path -> path.toString().endsWith(".safetensors")).toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    assertThat(files).hasSizeGreaterThanOrEqualTo(2);
    return files;
  }

  @Test
  void theModelIsOneUpdateAheadWhereNothingIsDue() {
    List<float[]> plain = new ArrayList<>();
    List<float[]> ahead = new ArrayList<>();
    try (SequenceModel one = model();
        SequenceModel other = model()) {
      training(one, config(13), "plain", p -> plain.add(Tensors.floats(one.weight(WATCHED)))).run();
      ahead(other, config(13), "ahead", p -> ahead.add(Tensors.floats(other.weight(WATCHED))))
          .run();
    }
    List<Integer> found =
        ahead.stream()
            .map(
                weight ->
                    IntStream.range(0, 13)
                        .filter(i -> Arrays.equals(plain.get(i), weight))
                        .findFirst()
                        .orElseThrow())
            .toList();
    assertThat(found)
        .isEqualTo(
            LongStream.rangeClosed(1, 13)
                .mapToObj(step -> (int) (DUE.contains(step) ? step - 1 : step))
                .toList());
  }

  /**
   * A listener interrupts: behind the next update nothing is due, a checkpoint, an evaluation; or
   * no update is under way.
   */
  @ParameterizedTest
  @CsvSource({"6, 7, 7", "7, 8, 8", "9, 10, 9", "12, 12, 12"})
  void anInterruptedRunGoesOnBitForBit(int interrupt, long checkpoint, int lines) throws Exception {
    List<Long> steps = new ArrayList<>();
    try (SequenceModel whole = model();
        SequenceModel stopped = model();
        SequenceModel resumed = model()) {
      training(whole, config(13), "whole", TrainingListener.NONE).run();
      Run run =
          ahead(
                  stopped,
                  config(13),
                  "stopped",
                  p -> {
                    steps.add(p.step());
                    interruptAt(p, interrupt);
                  })
              .run();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(run.interrupted()).isTrue();
      assertThat(run.newestCheckpoint()).isEqualTo(checkpoint);
      assertThat(metrics(folder.resolve("stopped"))).hasSize(lines);
      assertThat(steps).isEqualTo(LongStream.rangeClosed(1, lines).boxed().toList());
      Training rest =
          Training.resume(
              folder.resolve("stopped"), corpus(), checkpoint, resumed, TrainingListener.NONE);
      rest.runAhead();
      assertThat(rest.run().interrupted()).isFalse();
      assertThat(metrics(folder.resolve("stopped"))).isEqualTo(metrics(folder.resolve("whole")));
      assertSame(resumed, parameters(whole));
    }
  }

  /** The gradients of one update alone are spoiled; that of the update behind it are sound. */
  @Test
  void anUpdateBehindOneThatIsNotFiniteChangesNothing() throws Exception {
    List<Long> steps = new ArrayList<>();
    Map<String, float[]> afterThree = new TreeMap<>();
    try (SequenceModel plain = model();
        SequenceModel model = model()) {
      training(
              plain,
              nothingDue(9),
              "plain",
              p -> {
                if (p.step() == 3) {
                  afterThree.putAll(parameters(plain));
                }
              })
          .run();
      int arrays = Gpu.arrays();
      Training training =
          ahead(
              model,
              nothingDue(9),
              "spoiled",
              p -> {
                steps.add(p.step());
                if (p.step() == 2) { // the third update is under way
                  try (NDArray gradient = model.weight(WATCHED).getGradient()) {
                    gradient.addi(Float.NaN);
                  }
                }
              });
      assertThatThrownBy(training::run)
          .isInstanceOf(TrainingException.class)
          .hasMessageMatching("(?s)at step 4 the loss is [45]\\.\\d+ and the norm .* NaN; .*")
          .hasMessageContaining("the checkpoint of step 0 stands")
          .hasMessageContaining("batch: whale from byte ");
      assertThat(Gpu.arrays()).isEqualTo(arrays);
      assertThat(steps).containsExactly(1L, 2L, 3L);
      assertThat(metrics(folder.resolve("spoiled")))
          .isEqualTo(metrics(folder.resolve("plain")).subList(0, 3));
      assertSame(model, afterThree);
      assertThat(Tensors.floats(model.weight(WATCHED).getGradient())).containsOnly(0);
    }
  }

  @Test
  void whatIsUnderWayIsFinishedWhenNoMoreCanBeRead() throws Exception {
    AtomicBoolean armed = new AtomicBoolean();
    Document whale = corpus().train().documents().get(0);
    Runnable breaks =
        () -> {
          if (armed.get()) {
            throw new IllegalStateException("the disk is gone");
          }
        };
    Document broken = new WatchedDocument(whale, breaks);
    Corpus corpus = Corpus.of("whales", List.of(broken), List.of(), List.of());
    int arrays = Gpu.arrays();
    try (SequenceModel model = model()) {
      Training training =
          Training.builder()
              .setModel(model)
              .setData(corpus)
              .setConfig(config(9).toBuilder().optCheckpointEvery(0).build())
              .setDirectory(folder.resolve("broken"))
              .optListener(p -> armed.set(p.step() == 2))
              .build();
      training.runAhead();
      assertThatThrownBy(training::run).hasMessage("the disk is gone");
    }
    assertThat(metrics(folder.resolve("broken"))).hasSize(3);
    assertThat(Gpu.arrays()).isEqualTo(arrays);
  }

  /** What a listener does while an update is under way is a part of that update's time. */
  @Test
  void theClockRunsWhileAnythingIsUnderWay() {
    List<Double> seconds = new ArrayList<>();
    try (SequenceModel model = SMALL.newModel().initialize(Device.cpu(), 1)) {
      ahead(
              model,
              nothingDue(7),
              "slow",
              progress -> {
                seconds.add(progress.seconds());
                sleep();
              })
          .run();
    }
    assertThat(seconds.get(6)).isGreaterThan(6 * 0.04);
  }

  private static void sleep() {
    try {
      Thread.sleep(40);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
