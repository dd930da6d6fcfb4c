package org.megalab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.torchscript.Precision;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.Table;

/** What the tables of benchmarks hold, whatever the times. */
class BenchmarksTest {

  private static final StepSettings STEP =
      new StepSettings(StepSettings.RANDOM, Precision.FLOAT32, 0, 0, 0, 2);

  private static final String LLAMA =
      "small=llama{\"contextLength\": 64, \"modelDim\": 16, \"feedForwardDim\": 24}";
  private static final String MEGABYTE = "megabyte";
  private static final String MEGALODON = "megalodon{\"layers\": 1}";

  private static List<BenchmarkModel> models(String... texts) {
    return Stream.of(texts).map(text -> BenchmarkModel.parse(text, Device.cpu())).toList();
  }

  private static TrainBenchmark train(int batch, int length, StepSettings step, String... texts) {
    return new TrainBenchmark(
        models(texts), new TrainBenchmark.Settings(batch, length, step, false));
  }

  private static GrowthBenchmark growth(int bytes, List<Integer> lengths, String... texts) {
    return new GrowthBenchmark(models(texts), new GrowthBenchmark.Settings(bytes, lengths, STEP));
  }

  private static GenerateBenchmark generate(
      List<Integer> batches, List<Integer> positions, boolean uncached) {
    return new GenerateBenchmark(
        models(LLAMA, MEGABYTE),
        new GenerateBenchmark.Settings(batches, positions, 3, uncached, 2));
  }

  private static LayerBenchmark layers(Precision precision, String... texts) {
    return new LayerBenchmark(models(texts), new LayerBenchmark.Settings(2, 64, precision, 0, 1));
  }

  private static StreamBenchmark stream() {
    return new StreamBenchmark(models(MEGALODON), new StreamBenchmark.Settings(1024, 64, 4));
  }

  static Stream<Benchmark> all() {
    return Stream.of(
        train(2, 32, STEP, LLAMA),
        growth(64, List.of(32), LLAMA),
        generate(List.of(1), List.of(0), false),
        layers(Precision.FLOAT32, LLAMA),
        stream());
  }

  @Test
  void trainingIsMeasuredSideBySide() {
    List<String> told = new ArrayList<>();
    Table table = train(3, 32, STEP, LLAMA, MEGABYTE).run(told::add);
    assertThat(told).containsExactly("products of matrices", "small, 3 × 32", "megabyte, 3 × 32");
    assertThat(table.stringColumn("model").asList()).containsExactly("small", "megabyte");
    assertThat(table.longColumn("parameters").get(1)).isEqualTo(531_904);
    assertThat(table.intColumn("batch").asList()).containsExactly(3, 3);
    assertThat(table.stringColumn("error").asList()).containsExactly("", "");
    DoubleColumn speed = table.doubleColumn("bytes/s");
    assertThat(table.doubleColumn("ratio").get(0)).isEqualTo(1);
    assertThat(table.doubleColumn("ratio").get(1)).isEqualTo(speed.get(1) / speed.get(0));
    for (int i = 0; i < 2; i++) {
      double median = table.doubleColumn("ms per step").get(i);
      assertThat(median)
          .isBetween(table.doubleColumn("min ms").get(i), table.doubleColumn("max ms").get(i));
      assertThat(speed.get(i)).isCloseTo(96e3 / median, Assertions.within(1e-6 * speed.get(i)));
      assertThat(table.doubleColumn("utilisation").get(i)).isPositive();
      assertThat(table.doubleColumn("busy").isMissing(i)).isTrue(); // a CPU
    }
  }

  @Test
  void dataArePartOfAStep(@TempDir Path folder) throws Exception {
    Files.createDirectories(folder.resolve("train"));
    Files.writeString(folder.resolve("train/a.txt"), "the whale and the sea; ".repeat(20));
    StepSettings step = new StepSettings(folder.toString(), Precision.BFLOAT16, 1, 16, 1, 1);
    Table table = train(2, 0, step, LLAMA).run(BenchmarkProgress.NONE);
    assertThat(table.intColumn("length").get(0)).isEqualTo(64); // its context
    assertThat(table.doubleColumn("loading ms").get(0)).isPositive();
    assertThatThrownBy(() -> train(2, 600, step, LLAMA).run(BenchmarkProgress.NONE))
        .hasMessageContaining("at most 460 bytes");
  }

  /** A training run does the same work and more. */
  @Test
  void trainingRunsAreMeasuredToo() {
    for (String data : List.of("random", "books")) {
      StepSettings step = new StepSettings(data, Precision.FLOAT32, 0, 0, 1, 3);
      TrainBenchmark benchmark =
          new TrainBenchmark(models(LLAMA), new TrainBenchmark.Settings(2, 0, step, true));
      Table table = benchmark.run(BenchmarkProgress.NONE);
      assertThat(table.stringColumn("error").get(0)).isEmpty();
      assertThat(table.doubleColumn("loop ms").get(0)).isPositive();
      assertThat(table.doubleColumn("loop busy").isMissing(0)).isTrue(); // a CPU
    }
  }

  /** What fails for one model is told in its row; what does not fit ends the benchmark. */
  @Test
  void failuresAreFigures() {
    String wide = "wide=llama{\"modelDim\": 1073741824, \"feedForwardDim\": 8}";
    Table table = train(1, 16, STEP, wide, LLAMA).run(BenchmarkProgress.NONE);
    assertThat(table.stringColumn("error").get(0)).isNotEmpty();
    assertThat(table.doubleColumn("bytes/s").isMissing(0)).isTrue();
    assertThat(table.stringColumn("error").get(1)).isEmpty();
    assertThat(table.doubleColumn("bytes/s").get(1)).isPositive();
    StepSettings tf32 = new StepSettings("random", Precision.TF32, 0, 0, 0, 1);
    assertThatThrownBy(() -> train(1, 16, tf32, LLAMA).run(BenchmarkProgress.NONE))
        .hasMessageContaining("TF32");
  }

  @Test
  void growthKeepsTheBytesOfAStep() {
    Table table = growth(512, List.of(30, 128), LLAMA, MEGABYTE).run(BenchmarkProgress.NONE);
    assertThat(table.intColumn("length").asList()).containsExactly(30, 128, 32, 128);
    assertThat(table.intColumn("batch").asList()).containsExactly(17, 4, 16, 4);
    DoubleColumn cost = table.doubleColumn("ns per byte");
    assertThat(table.doubleColumn("growth").asList())
        .containsExactly(1.0, cost.get(1) / cost.get(0), 1.0, cost.get(3) / cost.get(2));
    assertThat(GrowthBenchmark.Settings.lengths(4096, 1 << 20, 4))
        .containsExactly(4096, 16_384, 65_536, 262_144, 1_048_576);
    assertThat(GrowthBenchmark.Settings.lengths(1 << 30, Integer.MAX_VALUE, 2)).hasSize(1);
  }

  @Test
  void generationByBatchAndPosition() {
    Table table = generate(List.of(1, 2), List.of(0, 80), true).run(BenchmarkProgress.NONE);
    assertThat(table.rowCount()).isEqualTo(8);
    assertThat(table.intColumn("batch").asList()).containsExactly(1, 1, 1, 1, 2, 2, 2, 2);
    assertThat(table.intColumn("position").asList()).containsExactly(0, 0, 80, 80, 0, 0, 80, 80);
    for (int i = 0; i < 8; i++) {
      double cached = table.doubleColumn("ms per byte").get(i);
      assertThat(table.doubleColumn("speed-up").get(i))
          .isEqualTo(table.doubleColumn("uncached ms").get(i) / cached);
    }
    List<BenchmarkModel> written = generate(List.of(1), List.of(80), true).models();
    assertThat(written.get(0).config().contextLength()).isEqualTo(84); // 80 + 3 and room
    assertThat(written.get(1).config().contextLength()).isEqualTo(256);
  }

  @Test
  void layersAreThoseOfTheModel() {
    Table table = layers(Precision.BFLOAT16, LLAMA, MEGALODON).run(BenchmarkProgress.NONE);
    assertThat(table.stringColumn("error").unique().asList()).containsExactly("");
    Table llama = table.where(table.stringColumn("model").isEqualTo("small"));
    assertThat(llama.stringColumn("kind").asList())
        .containsExactly("PreNormLayer", "RmsNorm", "CausalAttention", "FeedForward");
    assertThat(table.stringColumn("kind").asList())
        .contains("MegalodonLayer", "TimestepNorm", "ComplexEma", "NormalizedAttention");
    assertThat(llama.longColumn("parameters").asList())
        .containsExactly(4L * 16 * 16 + 3 * 16 * 24 + 32, 16L, 4L * 16 * 16, 3L * 16 * 24);
    assertThat(llama.doubleColumn("GFLOPs").get(3))
        .isEqualTo(2 * 2 * 64 * 3 * 16 * 24 / 1e9); // 2 · B T · weights
    assertThat(llama.doubleColumn("MiB").get(1)).isEqualTo((2 * 128 * 16 + 16) * 2.0 / (1 << 20));
    assertThat(table.doubleColumn("forward ms").asList()).allMatch(ms -> ms > 0);
    assertThat(table.doubleColumn("both ms").asList()).allMatch(ms -> ms > 0);
  }

  @Test
  void layersOfPatchesHaveTheirWidths() {
    Table table = layers(Precision.FLOAT32, MEGABYTE).run(BenchmarkProgress.NONE);
    assertThat(table.stringColumn("error").unique().asList()).containsExactly("");
    assertThat(table.stringColumn("layer").asList())
        .anyMatch(path -> path.startsWith("global"))
        .anyMatch(path -> path.startsWith("local"));
  }

  @Test
  void streamsHaveIntervals() {
    Table table = stream().run(BenchmarkProgress.NONE);
    assertThat(table.longColumn("bytes").asList()).containsExactly(256L, 512L, 768L, 1024L);
    DoubleColumn time = table.doubleColumn("microseconds per byte");
    assertThat(table.doubleColumn("growth").get(3)).isEqualTo(time.get(3) / time.get(0));
    assertThat(table.doubleColumn("ms per chunk").get(0)).isEqualTo(time.get(0) * 64 / 1e3);
    assertThat(table.doubleColumn("state MiB").unique().size()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("all")
  void reportsSurviveTheirText(Benchmark benchmark) {
    BenchmarkReport report =
        BenchmarkReport.of(benchmark, List.of("megalab", "bench"), BenchmarkProgress.NONE);
    BenchmarkReport read = BenchmarkReport.fromJson(report.toJson());
    assertThat(read.toJson()).isEqualTo(report.toJson());
    assertThat(read.text()).isEqualTo(report.text());
    assertThat(read.benchmark()).isEqualTo(benchmark.name());
    assertThat(read.command()).containsExactly("megalab", "bench");
    assertThat(read.models().keySet()).contains(benchmark.models().get(0).name());
    assertThat(read.environment().has("processors")).isTrue();
    assertThat(read.table().columnNames()).isEqualTo(report.table().columnNames());
    assertThat(read.errors()).isEmpty();
    for (String column : List.of("busy", "GPU MiB", "error")) { // of which nothing is known
      assertThat(report.text()).doesNotContain(column + "  |");
    }
    assertThat(report.text()).contains("model", benchmark.legend());
  }

  @ParameterizedTest
  @MethodSource("all")
  void anInterruptEndsIt(Benchmark benchmark) {
    Thread.currentThread().interrupt();
    Throwable thrown = Assertions.catchThrowable(() -> benchmark.run(BenchmarkProgress.NONE));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(thrown).isInstanceOf(CancellationException.class);
  }

  @Test
  void settingsAreChecked() {
    assertThatThrownBy(() -> train(0, 32, STEP, LLAMA)).hasMessageContaining("batch");
    assertThatThrownBy(() -> growth(16, List.of(32), LLAMA)).hasMessageContaining("[32]");
    assertThatThrownBy(() -> generate(List.of(), List.of(0), false)).hasMessageContaining("[]");
    assertThatThrownBy(() -> new StreamBenchmark.Settings(100, 60, 2))
        .hasMessageContaining("chunk = 60");
    assertThatThrownBy(() -> new StepSettings("random", Precision.FLOAT32, -1, 0, 0, 1))
        .hasMessageContaining("recomputeLayers");
    assertThatThrownBy(() -> GrowthBenchmark.Settings.lengths(8, 4, 2))
        .hasMessageContaining("from 8 to 4");
    assertThatThrownBy(() -> BenchmarkReport.fromJson("{\"benchmark\": \"x\"}"))
        .hasMessageContaining("command");
  }
}
