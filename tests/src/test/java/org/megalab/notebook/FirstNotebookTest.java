package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.kernel.KernelSpec;

/** The first notebook from its first cell to its last, with shorter trainings. */
class FirstNotebookTest {

  private static final Path NOTEBOOKS = Path.of(System.getProperty("megalab.root"), "notebooks");

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

  private static String replaced(String text, String from, String to) {
    assertThat(text).contains(from);
    return text.replace(from, to);
  }

  @Test
  @Timeout(600)
  void runsAndLearns(@TempDir Path folder) throws Exception {
    String text = Files.readString(NOTEBOOKS.resolve("01-first-megabyte.ipynb"));
    text = replaced(text, "--steps 1400", "--steps 400");
    text = replaced(text, "setSteps(300)", "setSteps(20)");
    Path notebook = Files.writeString(folder.resolve("first.ipynb"), text);
    Path executed = folder.resolve("executed.ipynb");
    List<Path> before = files(NOTEBOOKS);

    NotebookRunner runner =
        new NotebookRunner(
            KernelSpec::command,
            null,
            new PrintStream(printed, true, StandardCharsets.UTF_8),
            new PrintStream(progress, true, StandardCharsets.UTF_8));
    NotebookRunner.Result result = runner.run(notebook, executed);

    assertThat(result.succeeded()).as("%s %s", result, progress).isTrue();
    List<JsonObject> outputs = outputs(executed);
    assertThat(outputs)
        .noneMatch(output -> output.get("output_type").getAsString().equals("error"));
    assertThat(outputs.stream().filter(output -> holds(output, "image/png"))).hasSize(2);
    assertThat(outputs.stream().filter(output -> holds(output, "text/html")))
        .hasSizeGreaterThanOrEqualTo(7);
    Matcher cost =
        Pattern.compile("validation ([\\d.]+) bits per byte, order 1 ([\\d.]+)")
            .matcher(printed.toString(StandardCharsets.UTF_8));
    assertThat(cost.find()).as(printed.toString(StandardCharsets.UTF_8)).isTrue();
    assertThat(Double.parseDouble(cost.group(1))).isLessThan(Double.parseDouble(cost.group(2)));
    assertThat(folder.resolve("runs")).isDirectory();
    assertThat(files(NOTEBOOKS)).isEqualTo(before);
  }

  private static List<JsonObject> outputs(Path notebook) throws Exception {
    List<JsonObject> outputs = new ArrayList<>();
    for (var cell : Notebook.read(notebook).codeCells()) {
      for (JsonElement output : cell.outputs()) {
        outputs.add(output.getAsJsonObject());
      }
    }
    return outputs;
  }

  private static boolean holds(JsonObject output, String mimeType) {
    return output.has("data") && output.getAsJsonObject("data").has(mimeType);
  }

  private static List<Path> files(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted().toList();
    }
  }
}
