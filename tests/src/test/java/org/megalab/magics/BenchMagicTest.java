package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CancellationException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.megalab.model.SequenceModel;
import tech.tablesaw.api.Table;

/** {@code %bench}. */
class BenchMagicTest extends MagicsFixture {

  @Test
  void trainingIsMeasuredAndTheModelStays() throws Exception {
    Object before = line("evaluate");
    Table table = (Table) line("bench", "training", "--batch-size=2", "--length=16", "--steps=3");
    assertThat(table.stringColumn("model").asList()).containsExactly("model");
    assertThat(table.intColumn("batch").get(0)).isEqualTo(2);
    assertThat(table.intColumn("length").get(0)).isEqualTo(16);
    assertThat(table.doubleColumn("bytes/s").get(0)).isPositive();
    assertThat(last("text/html")).contains("ms per step");
    assertThat(line("evaluate")).isEqualTo(before);
  }

  @Test
  void trainingIsMeasuredAsItWouldBeDone() throws Exception {
    Table table =
        (Table)
            line(
                "bench",
                "--batch-size=2",
                "--length=16",
                "--steps=1",
                "--precision=bfloat16",
                "--recompute-layers=1",
                "--loss-slice=8");
    assertThat(table.doubleColumn("bytes/s").get(0)).isPositive();
    assertThat(table.doubleColumn("utilisation").get(0)).isPositive();
    assertThat(last("text/html")).doesNotContain("error", "busy"); // nothing is known of them
  }

  @Test
  void modelsAreMeasuredSideBySide() throws Exception {
    cell("model", TINY, "megabyte", "--preset=tiny", "--as=other");
    Table table = (Table) line("bench", "generation", "model", "other", "--bytes=8", "--prompt=4");
    assertThat(table.stringColumn("model").asList()).containsExactly("model", "other");
    table = (Table) line("bench", "TRAINING", "model", "other", "--batch-size=1", "--steps=1");
    assertThat(table.rowCount()).isEqualTo(2);
    assertThat(last("image/png")).startsWith("iVBORw0KGgo");
    variable("other", SequenceModel.class).close();
  }

  @Test
  void streamsAreMeasuredInIntervals() throws Exception {
    cell("model", "", "megalodon", "--preset=tiny", "--as=endless");
    Table table = (Table) line("bench", "stream", "endless", "--bytes=512", "--block=64");
    assertThat(table.longColumn("bytes").asList()).hasSize(8).endsWith(512L);
    assertThat(table.stringColumn("model").unique().asList()).containsExactly("endless");
    variable("endless", SequenceModel.class).close();
    assertThat(failure("bench", "stream", "--bytes=4096", "--block=64")).contains("state holds");
  }

  @Test
  void layersAreMeasuredAlone() throws Exception {
    Table table =
        (Table) line("bench", "layer", "--batch-size=2", "--length=16", "--precision=bfloat16");
    assertThat(table.stringColumn("kind").asList()).isNotEmpty();
    assertThat(table.doubleColumn("both ms").asList()).allMatch(ms -> ms > 0);
    assertThat(last("text/html")).contains("forward ms").doesNotContain("error");
    assertThat(failure("bench", "layer", "--loss-slice=8")).contains("--loss-slice");
  }

  @Test
  void anInterruptEndsIt() {
    Thread.currentThread().interrupt();
    Throwable thrown =
        Assertions.catchThrowable(() -> line("bench", "--batch-size=2", "--steps=100000"));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(thrown)
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("interrupted");
  }

  @Test
  void optionsBelongToTheirKind() {
    assertThat(failure("bench", "speed")).containsIgnoringCase("generation").contains("speed");
    assertThat(failure("bench", "stream", "--steps=5"))
        .contains("--steps", "%bench stream", "--bytes, --block");
    assertThat(failure("bench", "training", "nobody")).contains("no variable \"nobody\"");
    assertThat(failure("bench", "generation", "--bytes=0")).contains("bytes must be positive");
  }
}
