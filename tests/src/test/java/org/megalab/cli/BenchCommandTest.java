package org.megalab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.bench.BenchmarkReport;

class BenchCommandTest {

  private static final String MODEL = "one=llama{\"layers\": 1, \"modelDim\": 16}";

  private record Ran(int code, String output, String errors) {}

  private static Ran run(String... arguments) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    PrintStream before = System.out;
    PrintStream errorsBefore = System.err;
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      int code = Main.execute(arguments);
      return new Ran(
          code, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(before);
      System.setErr(errorsBefore);
    }
  }

  @Test
  void figuresGoToTheOutputAndToAFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("train.json");
    String[] arguments = {
      "bench",
      "train",
      "--model",
      MODEL,
      "--batch=2",
      "--length=16",
      "--data=random",
      "--precision=bf16",
      "--steps=2",
      "--warm-up=0",
      "--json",
      file.toString()
    };
    Ran ran = run(arguments);
    assertThat(ran.code()).isZero();
    assertThat(ran.output()).contains("one", "ms per step", "bytes/s").doesNotContain("…");
    assertThat(ran.errors()).contains("… one, 2 × 16", "wrote " + file);
    BenchmarkReport report = BenchmarkReport.fromJson(Files.readString(file));
    assertThat(report.command()).startsWith("megalab", "bench", "train", "--model", MODEL);
    assertThat(report.settings().getAsJsonObject("step").get("precision").getAsString())
        .isEqualTo("bfloat16");
    assertThat(report.models().getAsJsonObject("one").get("layers").getAsInt()).isEqualTo(1);
    assertThat(report.table().rowCount()).isEqualTo(1);
  }

  @Test
  void theOthersTakeTheirOptions() {
    assertThat(
            run("bench", "growth", "--model", MODEL, "--bytes=64", "--from=16", "--to=64").output())
        .contains("growth", "ns per byte");
    assertThat(
            run(
                    "bench",
                    "generate",
                    "--model",
                    MODEL,
                    "--batch=1,2",
                    "--position=0",
                    "--bytes=2",
                    "--warm-up=0")
                .output())
        .contains("position", "bytes/s");
    assertThat(run("bench", "layer", "--model", MODEL, "--length=16", "--rounds=1").output())
        .contains("CausalAttention");
    assertThat(run("bench", "stream", "--model", "megalodon", "--bytes=512", "--chunk=64").output())
        .contains("ms per chunk");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bench | 2 | train, growth, stream, generate, layer, kernel",
        "bench nonsense | 2 | nonsense",
        "bench train --nonsense | 2 | --nonsense",
        "bench train --precision int8 | 2 | a precision is float32, tf32 or bf16",
        "bench train --batch many | 2 | many",
        "bench train --model lama | 1 | llama",
        "bench train --device gpu99 | 1 | there is no device \"gpu99\"",
        "bench train --steps 0 | 1 | steps must be positive",
        "bench train --data nowhere --model llama | 1 | nowhere",
        "bench stream --bytes 10 | 1 | chunk = 2048",
        "bench stream --model llama --bytes 4096 --chunk 64 | 1 | the model's state holds 256 bytes",
        "bench growth --from 8 --to 4 | 1 | from 8 to 4",
      })
  void misuseIsExplained(String arguments, int code, String message) {
    Ran ran = run(arguments.strip().split(" ", -1));
    assertThat(ran.code()).isEqualTo(code);
    assertThat(ran.errors()).contains(message);
    assertThat(ran.errors().lines().toList()).noneMatch(line -> line.startsWith("\tat "));
  }

  @Test
  void everyBenchmarkHasHelp() {
    for (String name : List.of("train", "growth", "stream", "generate", "layer", "kernel")) {
      Ran ran = run("bench", name, "--help");
      assertThat(ran.code()).isZero();
      assertThat(ran.output()).contains("Usage: megalab bench " + name);
    }
  }
}
