package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.data.DocumentStreams.Batch;
import org.megalab.data.file.Document;

class DocumentStreamsTest {

  private static final int[] LENGTHS = {5, 31, 1, 8, 16, 77, 9, 24, 3, 40};

  /** Ten documents that differ in their first bytes. */
  private static Split split() {
    List<Document> documents = new ArrayList<>();
    for (int d = 0; d < LENGTHS.length; d++) {
      byte[] bytes = new byte[LENGTHS[d]];
      new Random(d).nextBytes(bytes);
      bytes[0] = (byte) d;
      documents.add(Document.of("d" + d, bytes));
    }
    return new Split("train", documents);
  }

  private static byte[] bytes(int d) {
    return split().documents().get(d).read(0, LENGTHS[d]);
  }

  @ParameterizedTest
  @CsvSource({"8, 1", "8, 3", "5, 4", "100, 2", "1, 3", "16, 13"})
  void everyRowReadsWholeDocumentsAndEveryDocumentOnceAnEpoch(int length, int batch) {
    DocumentStreams streams = new DocumentStreams(split(), length, batch, 7);
    Map<Integer, Integer> times = new HashMap<>();
    List<Integer> begun = new ArrayList<>();
    ByteArrayOutputStream[] open = new ByteArrayOutputStream[batch];
    for (long step = 0; begun.size() < 45; step++) {
      Batch now = streams.batch(step);
      long counted = 0;
      for (int b = 0; b < batch; b++) {
        if (now.begins()[b]) {
          if (open[b] != null) {
            byte[] read = open[b].toByteArray();
            assertThat(read).isEqualTo(bytes(read[0]));
            times.merge((int) read[0], 1, Integer::sum);
          }
          open[b] = new ByteArrayOutputStream();
          begun.add((int) now.rows()[b][0]);
        }
        assertThat(open[b]).isNotNull();
        assertThat(now.counts()[b]).isBetween(1, length);
        open[b].write(now.rows()[b], 0, now.counts()[b]);
        for (int t = 0; t < length; t++) {
          assertThat(now.mask()[b * length + t]).isEqualTo(t < now.counts()[b]);
          if (t >= now.counts()[b]) {
            assertThat(now.rows()[b][t]).isZero();
          }
        }
        counted += now.counts()[b];
      }
      assertThat(now.bytes()).isEqualTo(counted);
    }
    for (int epoch = 0; epoch < 4; epoch++) {
      assertThat(begun.subList(10 * epoch, 10 * epoch + 10))
          .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
    assertThat(begun.subList(0, 10)).isNotEqualTo(begun.subList(10, 20));
    assertThat(times.values()).allMatch(n -> n <= 5);
  }

  @Test
  void oneRowTakesAsManyStepsAsThereAreWindows() {
    DocumentStreams streams = new DocumentStreams(split(), 8, 1, 3);
    assertThat(streams.windows()).isEqualTo(1 + 4 + 1 + 1 + 2 + 10 + 2 + 3 + 1 + 5);
    long bytes = 0;
    for (long step = 0; step < streams.windows(); step++) {
      bytes += streams.batch(step).bytes();
    }
    assertThat(bytes).isEqualTo(split().bytes());
    assertThat(streams.batch(streams.windows()).begins()).containsExactly(true);
  }

  @Test
  void seedAndStepDecideAlone() {
    DocumentStreams streams = new DocumentStreams(split(), 8, 3, 7);
    List<byte[][]> rows = new ArrayList<>();
    for (long step = 0; step < 60; step++) {
      rows.add(streams.batch(step).rows());
    }
    for (int step : new int[] {59, 3, 17, 17, 0, 42}) {
      assertThat(Arrays.deepEquals(streams.batch(step).rows(), rows.get(step))).isTrue();
      Batch fresh = new DocumentStreams(split(), 8, 3, 7).batch(step);
      assertThat(Arrays.deepEquals(fresh.rows(), rows.get(step))).isTrue();
    }
    DocumentStreams other = new DocumentStreams(split(), 8, 3, 8);
    int same = 0;
    for (int step = 0; step < 60; step++) {
      same += Arrays.deepEquals(other.batch(step).rows(), rows.get(step)) ? 1 : 0;
    }
    assertThat(same).isLessThan(5);
  }

  @Test
  void mistakesAreNamed() {
    assertThatThrownBy(() -> new DocumentStreams(split(), 8, 0, 1)).hasMessageContaining("0 rows");
    assertThatThrownBy(() -> new DocumentStreams(split(), 0, 1, 1)).hasMessageContaining("0 bytes");
    assertThatThrownBy(() -> new DocumentStreams(new Split("test", List.of()), 8, 1, 1))
        .hasMessageContaining("test has no documents");
    assertThatThrownBy(() -> new DocumentStreams(split(), 8, 1, 1).batch(-1))
        .hasMessageContaining("-1");
  }
}
