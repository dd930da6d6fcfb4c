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
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.megalab.kernel.KernelSpec;

/** A shipped notebook that was run from its first cell to its last, and what came of it. */
record ExecutedNotebook(List<JsonObject> outputs, String printed) {

  private static final Path NOTEBOOKS = Path.of(System.getProperty("megalab.root"), "notebooks");

  /**
   * Runs a notebook in a folder, with parts of its text replaced so that it takes less time.
   *
   * @param shorter what is replaced by what; each must be there
   */
  static ExecutedNotebook run(String name, Path folder, Map<String, String> shorter)
      throws Exception {
    String text = Files.readString(NOTEBOOKS.resolve(name));
    for (Map.Entry<String, String> part : shorter.entrySet()) {
      assertThat(text).contains(part.getKey());
      text = text.replace(part.getKey(), part.getValue());
    }
    Path notebook = Files.writeString(folder.resolve("notebook.ipynb"), text);
    Path executed = folder.resolve("executed.ipynb");
    List<Path> before = files();
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream progress = new ByteArrayOutputStream();
    NotebookRunner runner =
        new NotebookRunner(
            KernelSpec::command,
            null,
            new PrintStream(printed, true, StandardCharsets.UTF_8),
            new PrintStream(progress, true, StandardCharsets.UTF_8));
    NotebookRunner.Result result = runner.run(notebook, executed);
    assertThat(result.succeeded()).as("%s %s", result, progress).isTrue();
    assertThat(files()).isEqualTo(before);
    return new ExecutedNotebook(outputs(executed), printed.toString(StandardCharsets.UTF_8));
  }

  /** What is stored in a notebook as it ships. */
  static ExecutedNotebook stored(String name) throws Exception {
    List<JsonObject> outputs = outputs(NOTEBOOKS.resolve(name));
    StringBuilder printed = new StringBuilder();
    for (JsonObject output : outputs) {
      if (output.has("text")) {
        printed.append(Notebook.text(output.get("text")));
      }
    }
    return new ExecutedNotebook(outputs, printed.toString());
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

  private static List<Path> files() throws Exception {
    try (Stream<Path> files = Files.walk(NOTEBOOKS)) {
      return files.sorted().toList();
    }
  }

  /** The number of outputs of a type, such as {@code error}. */
  long ofType(String type) {
    return outputs.stream()
        .filter(output -> output.get("output_type").getAsString().equals(type))
        .count();
  }

  /** The number of outputs that can be shown as {@code mimeType}. */
  long holding(String mimeType) {
    return outputs.stream()
        .filter(output -> output.has("data") && output.getAsJsonObject("data").has(mimeType))
        .count();
  }

  /** The number of outputs whose HTML contains a text. */
  long htmlHolding(String part) {
    return outputs.stream()
        .filter(output -> output.has("data") && output.getAsJsonObject("data").has("text/html"))
        .map(output -> Notebook.text(output.getAsJsonObject("data").get("text/html")))
        .filter(html -> html.contains(part))
        .count();
  }

  /** The numbers that stand in the groups of the first place of the printed text that matches. */
  double[] numbers(String regex) {
    Matcher matcher = Pattern.compile(regex).matcher(printed);
    assertThat(matcher.find()).as(printed).isTrue();
    double[] numbers = new double[matcher.groupCount()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Double.parseDouble(matcher.group(i + 1));
    }
    return numbers;
  }
}
