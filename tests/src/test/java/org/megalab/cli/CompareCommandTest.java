package org.megalab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
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
    List<String> csv = Files.readAllLines(runs.resolve("runs.csv"));
    assertThat(csv).hasSize(3);
    assertThat(csv.get(1)).startsWith("llama,1,3,1536,"); // 3 updates of 2 · 256 bytes
    ByteArrayOutputStream again = new ByteArrayOutputStream();
    assertThat(execute(again, arguments)).isZero();
    assertThat(again.toString(StandardCharsets.UTF_8))
        .isEqualTo(output.toString(StandardCharsets.UTF_8));
    arguments[4] = "4"; // another training is another run
    assertThat(execute(again, arguments)).isZero();
    assertThat(Files.readAllLines(runs.resolve("runs.csv")).get(2))
        .startsWith("megabyte,1,4,2048,");
    try (Stream<Path> folders = Files.list(runs.resolve("megabyte"))) {
      assertThat(folders).hasSize(2);
    }
  }
}
