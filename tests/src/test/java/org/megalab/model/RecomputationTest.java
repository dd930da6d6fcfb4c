package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.torchscript.Autograd;

/** Activations that are computed again lead to the gradients of those that are kept. */
class RecomputationTest {

  private static final int ALL = 1000;

  /** Three windows of the Perceiver AR, two segments of Transformer-XL, three chunks. */
  private static final int LENGTH = 170;

  /** Used several times in several segments, so that the sums have other brackets. */
  private static final Set<String> SHARED =
      Set.of(
          "stack.content.bias", "stack.position.bias", "stack.cross.0.attention.keyValue.weight");

  static Stream<Arguments> architectures() {
    return Stream.of(
        Arguments.of("transformer", "'dropout': 0.2"),
        Arguments.of("megabyte-hierarchical", "'dropout': 0.2"),
        Arguments.of("llama", "'dropout': 0.2"),
        Arguments.of("mega", "'dropout': 0.2, 'attentionDropout': 0.1, 'hiddenDropout': 0.1"),
        Arguments.of("megabyte", "'dropout': 0.2"),
        Arguments.of("megalodon", "'dropout': 0.2, 'attentionDropout': 0.1, 'hiddenDropout': 0.1"),
        Arguments.of("megabyte-multistage", "'attentionDropout': 0.2, 'feedForwardDropout': 0.1"),
        Arguments.of("perceiver-ar", "'dropout': 0.2, 'prefixDropout': 0.25"),
        Arguments.of("s4d", "'dropout': 0.2"),
        Arguments.of("transformer-xl", "'dropout': 0.2, 'attentionDropout': 0.1"));
  }

  static SequenceModel tiny(String architecture, String more) {
    String json = "{'architecture': '%s', 'preset': 'tiny'%s}".formatted(architecture, more);
    return ModelConfig.fromJson(json.replace('\'', '"')).newModel().initialize(Device.cpu(), 1);
  }

  static NDArray ids(NDManager manager, int batch, int length) {
    long[] ids = new Random(5).longs((long) batch * length, 0, 256).toArray();
    return manager.create(ids, new Shape(batch, length));
  }

  private static Function<NDManager, NDArray> loss(SequenceModel model) {
    return step ->
        model.perByteLoss(new ParameterStore(step, false), ids(step, 2, LENGTH), true).mean();
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void gradientsAreTheSame(String architecture, String dropout) {
    for (String more : new String[] {"", ", " + dropout}) {
      try (SequenceModel model = tiny(architecture, more)) {
        Map<String, float[]> kept = Gradients.of(model, new Autograd.Options(9, 0, 0), loss(model));
        assertThat(Gradients.largest(kept)).isGreaterThan(1e-4);
        for (int layers : new int[] {1, 2, ALL}) {
          Map<String, float[]> again =
              Gradients.of(model, new Autograd.Options(9, layers, 0), loss(model));
          assertThat(
                  Gradients.distance(Gradients.some(kept, name -> !SHARED.contains(name)), again))
              .as("%s%s, segments of %d layers", architecture, more, layers)
              .isEqualTo(0);
          assertThat(Gradients.distance(kept, again)).isLessThan(2e-7);
        }
        if (!more.isEmpty()) {
          Map<String, float[]> other =
              Gradients.of(model, new Autograd.Options(10, 1, 0), loss(model));
          assertThat(Gradients.distance(kept, other)).isGreaterThan(1e-3);
        } else {
          assertThat(Gradients.distance(kept, Gradients.of(model, null, loss(model)))).isEqualTo(0);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'architecture': 's4d', 'preset': 'tiny', 'norm': 'batch', 'dropout': 0.1",
        "'architecture': 'mega', 'preset': 'tiny', 'norm': 'batch', 'attentionDropout': 0.1",
        "'architecture': 'megalodon', 'preset': 'tiny', 'norm': 'group', 'hiddenDropout': 0.1"
      })
  void classifiersLearnTheSame(String encoder) {
    String json =
        "{'encoder': {%s}, 'classes': 3, 'input': 'symbols'}".formatted(encoder).replace('\'', '"');
    Map<String, float[]> kept = null;
    float[] statistics = {};
    for (int layers : new int[] {0, 1, 3}) {
      try (SequenceClassifier model =
          ClassifierConfig.fromJson(json).newModel().initialize(Device.cpu(), 1)) {
        Map<String, float[]> gradients =
            Gradients.of(model, new Autograd.Options(9, layers, 0), step -> loss(model, step));
        float[] running =
            model.namedParameters().entrySet().stream()
                .filter(entry -> entry.getKey().endsWith("runningVariance"))
                .findFirst()
                .map(entry -> entry.getValue().getArray().toFloatArray())
                .orElse(new float[0]);
        if (kept == null) {
          kept = gradients;
          statistics = running;
        }
        assertThat(Gradients.distance(kept, gradients)).as("%d layers", layers).isEqualTo(0);
        assertThat(running).containsExactly(statistics);
      }
    }
    assertThat(statistics).doesNotContain(1f);
  }

  private static NDArray loss(SequenceClassifier model, NDManager step) {
    boolean[] hidden = new boolean[2 * 40];
    java.util.Arrays.fill(hidden, 70, 80, true);
    NDArray padding = step.create(hidden, new Shape(2, 40));
    NDArray labels = step.create(new long[] {0, 2});
    NDArray logits = model.logits(new ParameterStore(step, false), ids(step, 2, 40), padding, true);
    return SequenceClassifier.loss(logits, labels, true);
  }

  @Test
  void accumulatedGradientsAreTheSameToRounding() {
    try (SequenceModel model = tiny("transformer-xl", ", \"dropout\": 0.1")) {
      Map<String, float[]> kept =
          Gradients.of(model, new Autograd.Options(9, 0, 0), loss(model), loss(model));
      Map<String, float[]> again =
          Gradients.of(model, new Autograd.Options(9, 1, 0), loss(model), loss(model));
      assertThat(Gradients.distance(kept, again)).isLessThan(1e-6);
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void lossesInSlicesAreTheSameToRounding(String architecture, String dropout) {
    try (SequenceModel model = tiny(architecture, ", " + dropout)) {
      Map<String, float[]> whole = Gradients.of(model, new Autograd.Options(9, 0, 0), loss(model));
      Map<String, float[]> one =
          Gradients.of(model, new Autograd.Options(9, 0, LENGTH), loss(model));
      assertThat(Gradients.distance(whole, one)).isEqualTo(0);
      for (int slice : new int[] {1, 64, LENGTH - 1}) {
        for (int layers : new int[] {0, 2}) {
          Map<String, float[]> sliced =
              Gradients.of(model, new Autograd.Options(9, layers, slice), loss(model));
          double distance = Gradients.distance(whole, sliced);
          assertThat(distance).isLessThan(1e-5);
        }
      }
    }
  }

  /** In another process: what this one has freed before would be used again, and hide the rise. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void memoryIsThatOfASegment() throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                PeakMemory.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    List<Integer> peaks =
        output
            .lines()
            .filter(line -> line.startsWith("peak "))
            .map(line -> Integer.parseInt(line.substring(5)))
            .toList();
    assertThat(peaks).as(output).hasSize(3);
    assertThat(peaks.get(0)).as("recomputation, %s", peaks).isLessThan(peaks.get(1) / 2);
    assertThat(peaks.get(1)).as("slices, %s", peaks).isLessThan(peaks.get(2) - 30);
  }
}
