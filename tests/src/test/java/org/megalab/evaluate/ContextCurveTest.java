package org.megalab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.data.Split;
import org.megalab.data.file.Document;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import tech.tablesaw.api.Table;

class ContextCurveTest {

  private static double bits(double[] costs, int n) {
    return Arrays.stream(costs, 0, n).sum() / n / Math.log(2);
  }

  @Test
  void lengthsDouble() {
    assertThat(ContextCurve.doubling(4096, 2 << 20)).hasSize(10).startsWith(4096, 8192);
    assertThat(ContextCurve.doubling(3, 20)).containsExactly(3, 6, 12);
    assertThatThrownBy(() -> ContextCurve.doubling(8, 4)).hasMessageContaining("8 to 4");
  }

  /** One stream in pieces, far beyond the context, is one forward pass. */
  @Test
  void prefixesOfAStream() {
    Document one = Samples.text("one", 9000);
    Document two = Samples.text("two", 8500);
    Document small = Samples.text("small", 100);
    Split split = new Split("test", List.of(one, small, two));
    try (SequenceModel model = Samples.model(Samples.megalodon())) {
      long[] lengths = {16, 1000, 4096, 4097, 8500};
      ContextCurve curve = ContextCurve.prefixes(model, split, lengths, EvaluationListener.NONE);
      double[] first = Samples.costs(model, one, 0, 8500);
      double[] second = Samples.costs(model, two, 0, 8500);
      assertThat(curve.complete()).isTrue();
      for (int i = 0; i < lengths.length; i++) {
        int n = (int) lengths[i];
        ContextCurve.Point point = curve.points().get(i);
        double a = bits(first, n);
        double b = bits(second, n);
        assertThat(point.documents()).isEqualTo(2);
        assertThat(point.bytes()).isEqualTo(2L * n);
        assertThat(point.bitsPerByte()).as("%d", n).isCloseTo((a + b) / 2, within(1e-5));
        // of two values: half their distance
        assertThat(point.standardError()).isCloseTo(Math.abs(a - b) / 2, within(1e-5));
      }
    }
  }

  /** A model without a state for more has values up to its context. */
  @Test
  void prefixesBeyondTheContextAreMissing() {
    Split split = new Split("test", List.of(Samples.text("one", 100)));
    try (SequenceModel model = Samples.model(Samples.llama())) {
      ContextCurve curve =
          ContextCurve.prefixes(model, split, new long[] {8, 32, 64}, EvaluationListener.NONE);
      double[] costs = Samples.costs(model, split.documents().get(0), 0, 32);
      assertThat(curve.points().get(0).bitsPerByte()).isCloseTo(bits(costs, 8), within(1e-6));
      assertThat(curve.points().get(1).bitsPerByte()).isCloseTo(bits(costs, 32), within(1e-6));
      assertThat(curve.points().get(1).standardError()).isNaN();
      Table table = curve.table();
      assertThat(table.columnNames())
          .containsExactly(
              "context", "documents", "bytes", "bits per byte", "standard error", "perplexity");
      assertThat(table.doubleColumn("bits per byte").isMissing(2)).isTrue();
      assertThat(table.doubleColumn("perplexity").isMissing(2)).isTrue();
      assertThat(table.doubleColumn("perplexity").get(1))
          .isCloseTo(Math.pow(2, curve.points().get(1).bitsPerByte()), within(1e-9));
      assertThat(curve.table(5).doubleColumn("word perplexity").get(0))
          .isEqualTo(Perplexity.ofWords(curve.points().get(0).bitsPerByte(), 5));
      assertThatThrownBy(
              () -> ContextCurve.prefixes(model, split, new long[] {64}, EvaluationListener.NONE))
          .hasMessageContaining("at most 32 bytes");
    }
  }

  /** What every byte costs in windows of c, also of more than the context. */
  @Test
  void windowsForgetWhatWasBefore() {
    Document one = Samples.text("one", 150);
    Document two = Samples.text("two", 41);
    Split split = new Split("test", List.of(one, two));
    try (SequenceModel model = Samples.model(Samples.megalodon())) {
      ContextCurve curve =
          ContextCurve.windows(
              model, split, new long[] {10, 32, 64}, Inference.BASIC, EvaluationListener.NONE);
      assertThat(curve.points()).extracting("bytes").containsOnly(191L);
      for (ContextCurve.Point point : curve.points()) {
        int c = (int) point.context();
        double nats = 0;
        for (Document document : split.documents()) {
          for (int from = 0; from < document.length(); from += c) {
            int to = (int) Math.min(document.length(), from + c);
            nats += Arrays.stream(Samples.costs(model, document, from, to)).sum();
          }
        }
        assertThat(point.bitsPerByte()).isCloseTo(nats / 191 / Math.log(2), within(1e-5));
        assertThat(point.documents()).isEqualTo(2);
      }
      assertThat(curve.points().get(1).bitsPerByte())
          .isCloseTo(BitsPerByte.of(model, split).value(), within(1e-9));
      ContextCurve sliding =
          ContextCurve.windows(
              model, split, new long[] {32}, Inference.SLIDING, EvaluationListener.NONE);
      assertThat(sliding.points().get(0).bitsPerByte())
          .isCloseTo(BitsPerByte.of(model, split, Inference.SLIDING).value(), within(1e-9));
      assertThatThrownBy(
              () ->
                  ContextCurve.windows(
                      model, split, new long[] {64}, Inference.SLIDING, EvaluationListener.NONE))
          .hasMessageContaining("basic inference, not SLIDING");
    }
  }

  /** A stream where the state allows it, else up to the context; both are one forward pass. */
  @ParameterizedTest
  @MethodSource("org.megalab.evaluate.Samples#architectures")
  void everyArchitectureHasACurve(ModelConfig config) {
    Split split = new Split("test", List.of(Samples.text("one", 600)));
    try (SequenceModel model = Samples.model(config)) {
      ContextCurve curve =
          ContextCurve.prefixes(model, split, new long[] {100, 256, 600}, EvaluationListener.NONE);
      double[] costs = Samples.costs(model, split.documents().get(0), 0, 256);
      assertThat(curve.points().get(0).bitsPerByte()).isCloseTo(bits(costs, 100), within(1e-4));
      assertThat(curve.points().get(1).bitsPerByte()).isCloseTo(bits(costs, 256), within(1e-4));
      boolean bounded =
          Set.of("mega", "megalodon", "perceiver-ar", "s4d", "transformer-xl")
              .contains(config.architecture());
      assertThat(curve.points().get(2).bitsPerByte() > 0).isEqualTo(bounded);
      if (bounded) {
        double[] whole = Samples.costs(model, split.documents().get(0), 0, 600);
        assertThat(curve.points().get(2).bitsPerByte()).isCloseTo(bits(whole, 600), within(1e-4));
      }
    }
  }

  @Test
  void itIsWatchedAndStopped() {
    Document text = Samples.text("one", 9000);
    Split split = new Split("test", List.of(text, text));
    try (SequenceModel model = Samples.model(Samples.megalodon())) {
      List<Long> told = new ArrayList<>();
      ContextCurve curve =
          ContextCurve.prefixes(
              model,
              split,
              new long[] {100, 9000},
              (bytes, all) -> {
                assertThat(all).isEqualTo(18_000);
                told.add(bytes);
                return bytes < 9000 + 4096;
              });
      assertThat(told).containsExactly(0L, 4096L, 8192L, 9000L, 13_096L);
      assertThat(curve.complete()).isFalse();
      assertThat(curve.points()).extracting("documents").containsExactly(2, 1);
      ContextCurve nothing =
          ContextCurve.windows(
              model, split, new long[] {30}, Inference.BASIC, (bytes, all) -> false);
      assertThat(nothing.complete()).isFalse();
      assertThat(nothing.points().get(0).bitsPerByte()).isNaN();
      Thread.currentThread().interrupt();
      assertThat(EvaluationListener.INTERRUPTIBLE.onBytes(0, 1)).isFalse();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(EvaluationListener.INTERRUPTIBLE.onBytes(0, 1)).isTrue();
    }
  }

  @Test
  void mistakesAreNamed() {
    Split split = new Split("test", List.of(Samples.text("one", 100)));
    try (SequenceModel model = Samples.model(Samples.megalodon())) {
      assertThatThrownBy(
              () ->
                  ContextCurve.prefixes(
                      model, split, new long[] {50, 101}, EvaluationListener.NONE))
          .hasMessageContaining("has 101 bytes, the longest has 100");
      for (long[] lengths : new long[][] {{0, 4}, {8, 8}, {9, 3}}) {
        assertThatThrownBy(
                () -> ContextCurve.prefixes(model, split, lengths, EvaluationListener.NONE))
            .hasMessageContaining("ascend");
      }
      assertThatThrownBy(
              () -> ContextCurve.prefixes(model, split, new long[0], EvaluationListener.NONE))
          .hasMessageContaining("at least one length");
    }
  }
}
