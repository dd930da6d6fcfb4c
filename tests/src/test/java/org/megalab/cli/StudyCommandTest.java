package org.megalab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.experiment.Studies;

class StudyCommandTest {

  @TempDir Path folder;

  private record Ran(int code, String output) {}

  private static Ran run(String... arguments) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    try {
      int code = Main.execute(arguments);
      return new Ran(code, output.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(before);
    }
  }

  /** A study of a small text; {@code rest} are its other keys. */
  private Path file(String rest) throws IOException {
    Files.createDirectories(folder.resolve("text/train"));
    Files.createDirectories(folder.resolve("text/validation"));
    String text = "the whale and the sea; ".repeat(100);
    Files.writeString(folder.resolve("text/train/a.txt"), text);
    Files.writeString(folder.resolve("text/validation/b.txt"), text);
    String study =
        """
        {"name": "patches", "model": {"architecture": "megabyte", "preset": "tiny"}, "data": "%s",
         %s}
        """;
    String data = folder.resolve("text").toString().replace("\\", "/");
    return Files.writeString(folder.resolve("patches.json"), study.formatted(data, rest));
  }

  @Test
  void aFileMayBeASearch() throws IOException {
    Path file =
        file(
            """
            "training": {"batchSize": 2}, "grid": {"patchSize": [4, 8, 7]},
            "halving": {"budget": {"steps": 1}, "eta": 2}
            """);
    String directory = folder.resolve("runs").toString();
    Ran ran = run("study", file.toString(), "--directory", directory);
    assertThat(ran.output())
        .contains("rungs, validation bits per byte", "patchSize = 7", "kept")
        .doesNotContain("difference");
    assertThat(ran.code()).isEqualTo(1); // an arm failed
    assertThat(Files.readAllLines(folder.resolve("runs/rungs.csv"))).hasSize(1 + 3 + 2);
    assertThat(run("study", directory).output()).isEqualTo(ran.output());
  }

  @Test
  void aFileIsAStudyAndItsDirectoryIsOneToo() throws IOException {
    Path file =
        file(
            """
            "training": {"steps": 100, "batchSize": 2}, "base": "P=4",
            "arms": {"P=4": {"patchSize": 4}}, "grid": {"patchSize": [8, 16]}
            """);
    String directory = folder.resolve("runs").toString();
    String[] arguments = {
      "study", file.toString(), "--directory", directory, "--steps", "2", "--seeds", "2"
    };
    Ran first = run(arguments);
    assertThat(first.code()).isZero();
    assertThat(first.output())
        .contains("patches, validation bits per byte", "P=4", "patchSize=16", "difference")
        .doesNotContain("[1/6]"); // progress is not output
    assertThat(Files.readAllLines(folder.resolve("runs/runs.csv"))).hasSize(7);
    assertThat(run("study", directory).output()).isEqualTo(first.output());
    Files.writeString(file, Files.readString(file).replace("[8, 16]", "[8, 7]"));
    Ran wrong = run(arguments);
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.output()).contains("patchSize = 7");
  }

  @Test
  void withoutANameTheStudiesAreListed() {
    Ran listed = run("study");
    assertThat(listed.code()).isZero();
    assertThat(listed.output().lines())
        .hasSameSizeAs(Studies.names())
        .anyMatch(line -> line.startsWith("megalodon-norm ") && line.endsWith("RMS norm"));
    assertThat(run("study", "chess").code()).isEqualTo(1);
    assertThat(run("study", "--seeds", "some").code()).isEqualTo(2);
  }
}
