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

class CompareCommandTest {

  private static int execute(ByteArrayOutputStream output, String... arguments) {
    PrintStream before = System.out;
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    try {
      return Main.execute(arguments);
    } finally {
      System.setOut(before);
    }
  }

  @Test
  void twoArchitecturesInThreeSteps(@TempDir Path folder) throws IOException {
    Files.createDirectories(folder.resolve("text/train"));
    Files.createDirectories(folder.resolve("text/validation"));
    String text = "the whale and the sea; ".repeat(100);
    Files.writeString(folder.resolve("text/train/a.txt"), text);
    Files.writeString(folder.resolve("text/validation/b.txt"), text);
    Path runs = folder.resolve("runs");
    String[] arguments = {
      "compare",
      "--architectures",
      "llama,megabyte",
      "--steps",
      "3",
      "--batch",
      "2",
      "--corpus",
      folder.resolve("text").toString(),
      "--directory",
      runs.toString()
    };
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    assertThat(execute(output, arguments)).isZero();
    assertThat(output.toString(StandardCharsets.UTF_8))
        .contains("validation bits per byte", "llama", "megabyte")
        .doesNotContain("step 3/3"); // progress is not output
    List<String> csv = Files.readAllLines(runs.resolve("compare.csv"));
    assertThat(csv).hasSize(3);
    assertThat(csv.get(1)).startsWith("llama,").contains(",3,1536,"); // 3 updates of 2 · 256 bytes
    assertThat(runs.resolve("megabyte/metrics.jsonl")).exists();
    assertThat(execute(new ByteArrayOutputStream(), arguments)).isEqualTo(1);
    arguments[4] = "4";
    String[] resumed = java.util.Arrays.copyOf(arguments, arguments.length + 1);
    resumed[arguments.length] = "--resume";
    assertThat(execute(output, resumed)).isEqualTo(1); // trained otherwise
    assertThat(output.toString(StandardCharsets.UTF_8)).contains("trained otherwise");
  }
}
