package org.megalab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.megalab.data.Split;
import org.megalab.data.file.Document;
import org.megalab.model.SequenceModel;
import tech.tablesaw.api.Table;

class PositionLossTest {
  private static final Split SPLIT =
      new Split("test", List.of(Samples.text("one", 150), Samples.text("two", 41)));

  @Test
  void edges() {
    assertThat(PositionLoss.linearBins(32, 4)).containsExactly(0, 8, 16, 24, 32);
    assertThat(PositionLoss.linearBins(3, 8)).containsExactly(0, 1, 2, 3);
    assertThat(PositionLoss.linearBins(10, 3)).containsExactly(0, 3, 6, 10);
    assertThat(PositionLoss.logarithmicBins(20)).containsExactly(0, 1, 2, 4, 8, 16, 20);
    assertThat(PositionLoss.logarithmicBins(16)).containsExactly(0, 1, 2, 4, 8, 16);
    assertThat(PositionLoss.logarithmicBins(1)).containsExactly(0, 1);
    assertThatThrownBy(() -> PositionLoss.linearBins(0, 3)).hasMessageContaining("0 bytes");
  }

  /** The costs of a bin, window by window, each computed on its own. */
  private static List<double[]> windows(SequenceModel model, int window) {
    List<double[]> all = new ArrayList<>();
    for (Document document : SPLIT.documents()) {
      for (int from = 0; from < document.length(); from += window) {
        int to = (int) Math.min(document.length(), from + window);
        all.add(Samples.costs(model, document, from, to));
      }
    }
    return all;
  }

  private static void check(PositionLoss loss, List<double[]> windows, int period) {
    for (PositionLoss.Bin bin : loss.bins()) {
      double sum = 0;
      int bytes = 0;
      List<double[]> groups = new ArrayList<>();
      for (double[] costs : windows) {
        double part = 0;
        int n = 0;
        for (int t = 0; t < costs.length; t++) {
          if (t % period >= bin.from() && t % period < bin.to()) {
            part += costs[t] / Math.log(2);
            n++;
          }
        }
        if (n > 0) {
          groups.add(new double[] {part, n});
        }
        sum += part;
        bytes += n;
      }
      double mean = sum / bytes;
      double residuals = groups.stream().mapToDouble(g -> Math.pow(g[0] - mean * g[1], 2)).sum();
      int k = groups.size();
      assertThat(bin.windows()).isEqualTo(k);
      assertThat(bin.bytes()).isEqualTo(bytes);
      assertThat(bin.bitsPerByte()).as("%s", bin).isCloseTo(mean, within(1e-5));
      assertThat(bin.standardError())
          .isCloseTo(Math.sqrt(residuals * k / (k - 1)) / bytes, within(1e-5));
    }
  }

  @Test
  void positionsInTheContext() {
    try (SequenceModel model = Samples.model(Samples.megabyte())) {
      PositionLoss loss =
          PositionLoss.inContext(
              model,
              SPLIT,
              PositionLoss.logarithmicBins(32),
              Inference.BASIC,
              EvaluationListener.NONE);
      assertThat(loss.bins()).hasSize(6);
      assertThat(loss.complete()).isTrue();
      check(loss, windows(model, 32), 32);
      Table table = loss.table();
      assertThat(table.columnNames())
          .containsExactly("from", "to", "windows", "bytes", "bits per byte", "standard error");
      assertThat(table.longColumn("bytes").sum()).isEqualTo(191);
    }
  }

  /** Windows of three contexts and more go through the state, one after the other. */
  @Test
  void positionsInAStream() {
    try (SequenceModel model = Samples.model(Samples.megalodon())) {
      PositionLoss loss =
          PositionLoss.inContext(
              model,
              SPLIT,
              PositionLoss.linearBins(100, 5),
              Inference.BASIC,
              EvaluationListener.NONE);
      List<double[]> windows = windows(model, 100); // 100, 50, 41
      check(new PositionLoss(loss.bins().subList(0, 3), true), windows, 100);
      assertThat(loss.bins()).extracting("windows").containsExactly(3, 3, 3, 1, 1);
      assertThat(loss.bins().get(4).standardError()).isNaN();
    }
  }

  @Test
  void positionsInThePatch() {
    try (SequenceModel model = Samples.model(Samples.megabyte())) {
      PositionLoss loss =
          PositionLoss.inPatch(model, SPLIT, Inference.BASIC, EvaluationListener.NONE);
      assertThat(loss.bins()).extracting("from").containsExactly(0L, 1L, 2L, 3L);
      check(loss, windows(model, 32), 4);
    }
  }

  @ParameterizedTest
  @EnumSource(Inference.class)
  void everyByteIsInOneBin(Inference inference) {
    try (SequenceModel model = Samples.model(Samples.megabyte())) {
      double expected = BitsPerByte.of(model, SPLIT, inference).value();
      for (PositionLoss loss :
          List.of(
              PositionLoss.inPatch(model, SPLIT, inference, EvaluationListener.NONE),
              PositionLoss.inContext(
                  model,
                  SPLIT,
                  PositionLoss.linearBins(32, 8),
                  inference,
                  EvaluationListener.NONE))) {
        double nats =
            loss.bins().stream().mapToDouble(bin -> bin.bytes() * bin.bitsPerByte()).sum();
        assertThat(nats / 191).isCloseTo(expected, within(1e-9));
        assertThat(loss.bitsPerByte()).isCloseTo(expected, within(1e-9));
      }
    }
  }

  /** The windows of the first document overlap from their 16th byte on. */
  @Test
  void slidingWindowsCountTheirSecondHalves() {
    try (SequenceModel model = Samples.model(Samples.megabyte())) {
      PositionLoss loss =
          PositionLoss.inContext(
              model,
              SPLIT,
              PositionLoss.linearBins(32, 2),
              Inference.SLIDING,
              EvaluationListener.NONE);
      assertThat(loss.bins()).extracting("bytes").containsExactly(2 * 16L, 191 - 32L);
      assertThat(loss.bins().get(0).windows()).isEqualTo(2);
    }
  }

  @Test
  void mistakesAreNamed() {
    try (SequenceModel llama = Samples.model(Samples.llama())) {
      assertThatThrownBy(
              () -> PositionLoss.inPatch(llama, SPLIT, Inference.BASIC, EvaluationListener.NONE))
          .hasMessageContaining("\"llama\" has no patches");
      assertThatThrownBy(
              () ->
                  PositionLoss.inContext(
                      llama, SPLIT, new long[] {0, 64}, Inference.BASIC, EvaluationListener.NONE))
          .hasMessageContaining("holds 32 bytes and a window has 64");
      for (long[] edges : new long[][] {{0}, {1, 4}, {0, 4, 4}}) {
        assertThatThrownBy(
                () ->
                    PositionLoss.inContext(
                        llama, SPLIT, edges, Inference.BASIC, EvaluationListener.NONE))
            .hasMessageContaining("ascend from 0");
      }
      PositionLoss stopped =
          PositionLoss.inContext(
              llama, SPLIT, new long[] {0, 32}, Inference.BASIC, (bytes, all) -> false);
      assertThat(stopped.complete()).isFalse();
      assertThat(stopped.table().doubleColumn("bits per byte").isMissing(0)).isTrue();
    }
  }
}
