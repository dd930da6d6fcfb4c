package org.megalab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.megalab.plot.PublishedResult.Status;
import tech.tablesaw.api.Table;

class PublishedResultsTest {

  private static final PublishedResults ALL = PublishedResults.all();

  private static PublishedResults in(String table) {
    return ALL.where("table", table);
  }

  private static double value(String table, String task, String model, String metric) {
    return in(table).task(task).model(model).metric(metric).value();
  }

  /** Tables 1.1 to 4.8 of the list are all here, each number once. */
  @Test
  void everyTableIsThere() {
    assertThat(ALL.table().stringColumn("table").asSet())
        .containsExactlyInAnyOrder(
            "1.1 1.2 1.3 1.4 1.5 1.6 2.1 2.2 2.3 2.4 2.5 2.6 3.1 3.2 3.3 3.4 3.5 3.6 4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8"
                .split(" ", -1));
    assertThat(ALL.list()).doesNotHaveDuplicates().hasSize(392);
    assertThat(ALL.table().columnNames())
        .containsExactly(
            "paper",
            "table",
            "task",
            "model",
            "parameters",
            "metric",
            "value",
            "conditions",
            "status");
  }

  /** A row has a number exactly where its status says that there is one. */
  @Test
  void statusAndValueAgree() {
    for (PublishedResult result : ALL.list()) {
      boolean none = result.status() == Status.FIGURE || result.status() == Status.MISSING;
      assertThat(result.hasValue()).as("%s", result).isEqualTo(!none);
      assertThat(result.isCertain()).isEqualTo(result.status() == Status.PRINTED);
      assertThat(result.metric()).isNotEmpty();
      assertThat(result.model()).isNotEmpty();
    }
    for (Status status : Status.values()) {
      assertThat(ALL.where("status", status.mark()).list())
          .allMatch(result -> result.status() == status)
          .isNotEmpty();
    }
  }

  /** Oracle: bits per byte and the perplexity of words are one number in two units. */
  @Test
  void bitsAndWordPerplexityAgree() {
    double bytesPerWord = value("1.2", "PG-19 test", "data", "bytes per word");
    double bits =
        in("1.4")
            .task("PG-19 test inference")
            .where("conditions", "sliding + strided")
            .metric("bits per byte")
            .value();
    assertThat(bits).isEqualTo(0.8751);
    double perplexity = value("1.2", "PG-19 test", "MEGABYTE", "word perplexity");
    assertThat(perplexity).isEqualTo(36.4);
    assertThat(Math.pow(2, bits * bytesPerWord)).isCloseTo(perplexity, within(0.05));
    for (String model : List.of("byte Transformer", "byte Perceiver AR")) {
      double words = value("1.2", "PG-19 test", model, "word perplexity");
      assertThat(Math.log(words) / Math.log(2) / bytesPerWord)
          .isCloseTo(value("1.2", "PG-19 test", model, "bits per byte"), within(5e-4));
    }
  }

  /** Oracle: averages over the tasks of Long Range Arena. */
  @Test
  void averagesAreThoseOfTheirRows() {
    assertThat(average("MEGALODON")).isCloseTo(88.63, within(0.005));
    assertThat(printedAverage("MEGALODON")).isEqualTo(88.63);
    assertThat(average("Transformer")).as("over five tasks").isCloseTo(59.25, within(0.006));
    assertThat(printedAverage("Transformer")).isEqualTo(59.24);
  }

  private static double printedAverage(String model) {
    return value("4.6", "LRA average", model, "accuracy");
  }

  private static double average(String model) {
    return in("4.6").model(model).metric("accuracy").list().stream()
        .filter(result -> result.hasValue() && !result.task().equals("LRA average"))
        .mapToDouble(PublishedResult::value)
        .average()
        .orElseThrow();
  }

  /** Oracle: seconds and speeds of generation. */
  @Test
  void generationSpeedsAgree() {
    double transformer = value("1.3", "PG-19 generation", "Transformer", "seconds");
    double megabyte = value("1.3", "PG-19 generation", "MEGABYTE", "seconds");
    assertThat(transformer / megabyte).isCloseTo(1.419, within(5e-4));
    assertThat(8192 / megabyte)
        .isCloseTo(value("1.3", "PG-19 generation", "MEGABYTE", "bytes/s"), within(0.05));
  }

  /** Oracle: the multipliers of training throughput. */
  @Test
  void throughputRatiosAgree() {
    String metric = "relative speed";
    double short4 = value("3.2", "training throughput 4K", "MEGALODON", metric);
    assertThat(short4 / value("3.2", "training throughput 4K", "Llama-2", metric))
        .isCloseTo(0.946, within(5e-4));
    assertThat(value("3.2", "training throughput 32K", "MEGALODON", metric) / short4)
        .isCloseTo(0.943, within(5e-4));
  }

  /** Oracle: an image of n × n pixels has n · n · 3 bytes. */
  @Test
  void imagesHaveThreeBytesAPixel() {
    for (int side : new int[] {64, 256, 640}) {
      assertThat(value("2.2", "Image" + side, "data", "bytes an image"))
          .isEqualTo(3.0 * side * side);
    }
  }

  @Test
  void whatIsUncertainSaysSo() {
    assertThat(in("1.1").task("arXiv").model("MEGABYTE").list().get(0).status())
        .isEqualTo(Status.DISPUTED);
    PublishedResult missing =
        in("4.3").task("PG-19 validation").model("Block-Recurrent Transformer").list().get(0);
    assertThat(missing.status()).isEqualTo(Status.MISSING);
    assertThat(missing.value()).isNaN();
    assertThat(missing.label()).isEqualTo("Block-Recurrent Transformer 1.3B");
    assertThat(in("3.3").list()).hasSize(10).allMatch(r -> r.status() == Status.FIGURE);
  }

  @Test
  void mistakesNameWhatThereIs() {
    assertThatThrownBy(() -> ALL.task("PG19"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'PG19'", "PG-19 test");
    assertThatThrownBy(() -> ALL.where("value", "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'value'", "conditions");
    assertThatThrownBy(ALL::value).hasMessageContaining("392 results");
    Table copy = ALL.table();
    copy.clear();
    assertThat(ALL.list()).isNotEmpty();
  }
}
