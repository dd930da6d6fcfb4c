package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.kernel.KernelSpec;

@Timeout(60)
class NotebookRunnerTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

  @TempDir private Path folder;

  private static Path write(Path file, String... sources) throws IOException {
    JsonObject notebook = new JsonObject();
    notebook.addProperty("nbformat", 4);
    notebook.addProperty("nbformat_minor", 4);
    notebook.add("metadata", new JsonObject());
    JsonArray cells = new JsonArray();
    for (String source : sources) {
      JsonObject cell = new JsonObject();
      cell.addProperty("cell_type", "code");
      cell.addProperty("source", source);
      cell.add("metadata", new JsonObject());
      JsonArray old = new JsonArray();
      old.add("stale");
      cell.add("outputs", old);
      cells.add(cell);
    }
    notebook.add("cells", cells);
    return Files.writeString(file, notebook.toString());
  }

  private NotebookRunner runner(@Nullable Duration timeout) {
    return new NotebookRunner(KernelSpec::command, timeout, stream(printed), stream(progress));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static JsonObject output(Path file, int cell, int index) throws IOException {
    return Notebook.read(file).codeCells().get(cell).outputs().get(index).getAsJsonObject();
  }

  @Test
  void storesOutputsAndStreamsText() throws Exception {
    Path input =
        write(
            folder.resolve("a.ipynb"),
            "System.out.println(\"one\"); Thread.sleep(120); System.out.println(\"two\");",
            "",
            "String id = display(\"old\"); 40 + 2",
            "updateDisplay(id, \"new\");\nPath.of(\"\").toAbsolutePath().toString()");
    Path output = folder.resolve("b.ipynb");
    assertThat(runner(null).run(input, output)).isEqualTo(new NotebookRunner.Result(0, ""));
    assertThat(output(output, 0, 0).get("text").toString()).isEqualTo("[\"one\\n\",\"two\\n\"]");
    assertThat(Notebook.read(output).codeCells().get(1).outputs()).isEmpty();
    assertThat(output(output, 2, 0).toString()).contains("new").doesNotContain("old");
    assertThat(output(output, 2, 1).get("execution_count").getAsInt()).isEqualTo(2);
    assertThat(output(output, 3, 0).toString()).contains(folder.toRealPath().toString());
    assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo("one\ntwo\n");
    assertThat(progress.toString(StandardCharsets.UTF_8)).contains("cell 1/4", "cell 4/4");
  }

  @Test
  void aFailingCellEndsTheRunAndOutputsSoFarAreWrittenInPlace() throws Exception {
    Path file =
        write(
            folder.resolve("a.ipynb"),
            "System.out.println(\"kept\");",
            "throw new IllegalStateException(\"broken\");",
            "System.out.println(\"never\");");
    NotebookRunner.Result result = runner(null).run(file, file);
    assertThat(result.failedCell()).isEqualTo(2);
    assertThat(result.error()).isEqualTo("java.lang.IllegalStateException: broken");
    assertThat(progress.toString(StandardCharsets.UTF_8))
        .contains("cell 2, line 1", "FAILED")
        .doesNotContain("\u001b");
    assertThat(output(file, 0, 0).toString()).contains("kept");
    assertThat(output(file, 1, 0).get("output_type").getAsString()).isEqualTo("error");
    assertThat(Notebook.read(file).codeCells().get(2).outputs()).isEmpty();
  }

  @Test
  void aWholeRunInPlaceIsStampedAndNoLongerFitsWhenEdited() throws Exception {
    Path file = write(folder.resolve("a.ipynb"), "int x = 1;", "x + 41");
    assertThat(ExecutionStamp.read(Notebook.read(file))).isNull();
    assertThat(runner(null).run(file, file).succeeded()).isTrue();
    Notebook executed = Notebook.read(file);
    assertThat(ExecutionStamp.read(executed)).isEqualTo(ExecutionStamp.of(executed));
    assertThat(executed.metadata().getAsJsonObject("megalab").get("kernel").getAsString())
        .startsWith("megalab ");
    assertThat(executed.metadata().getAsJsonObject("language_info").get("version").getAsString())
        .isEqualTo(Runtime.version().toString());

    String text = Files.readString(file);
    Notebook otherSource = Notebook.parse(text.replace("x + 41", "x + 42"));
    assertThat(ExecutionStamp.of(otherSource)).isNotEqualTo(ExecutionStamp.read(otherSource));
    Notebook otherOutput = Notebook.parse(text.replace("\"42\"", "\"43\""));
    assertThat(ExecutionStamp.of(otherOutput)).isNotEqualTo(ExecutionStamp.read(otherOutput));

    Path broken = write(folder.resolve("b.ipynb"), "int x = 1;", "x / 0");
    Notebook stamped = Notebook.read(broken);
    ExecutionStamp.write(stamped, new JsonObject());
    stamped.write(broken);
    assertThat(runner(null).run(broken, broken).succeeded()).isFalse();
    assertThat(ExecutionStamp.read(Notebook.read(broken))).isNull();
  }

  @Test
  void aCellThatTakesTooLongFails() throws Exception {
    Path file = write(folder.resolve("a.ipynb"), "System.out.println(\"begun\"); while (true) {}");
    Path output = folder.resolve("b.ipynb");
    int limit = 1; // seconds; a loaded machine takes longer to compile and print
    do {
      limit *= 2;
      NotebookRunner.Result result = runner(Duration.ofSeconds(limit)).run(file, output);
      assertThat(result.failedCell()).isEqualTo(1);
      assertThat(result.error()).contains("Timeout", limit + ".0 s");
    } while (limit < 16 && Notebook.read(output).codeCells().get(0).outputs().isEmpty());
    assertThat(output(output, 0, 0).toString()).contains("begun");
  }

  @Test
  void aKernelThatDiesIsNoticed() throws Exception {
    Path file = write(folder.resolve("a.ipynb"), "1", "Runtime.getRuntime().halt(9);");
    NotebookRunner.Result result = runner(null).run(file, file);
    assertThat(result.failedCell()).isEqualTo(2);
    assertThat(result.error()).contains("exit code 9");
  }

  @Test
  void aKernelThatDoesNotStartLeavesTheFileAlone() throws Exception {
    Path file = write(folder.resolve("a.ipynb"), "1");
    String before = Files.readString(file);
    NotebookRunner broken =
        new NotebookRunner(
            c -> List.of(KernelSpec.command(c).get(0), "-version"),
            null,
            stream(printed),
            stream(progress));
    assertThatThrownBy(() -> broken.run(file, file))
        .isInstanceOf(KernelDiedException.class)
        .hasMessageContaining("exit code 0");
    assertThat(file).hasContent(before);
  }

  @Test
  void clearedOutputIsGone() throws Exception {
    CellOutputs outputs = new CellOutputs();
    outputs.begin();
    outputs.accept(message("stream", "{\"name\":\"stdout\",\"text\":\"old\"}"));
    outputs.accept(message("clear_output", "{\"wait\":true}"));
    assertThat(outputs.toJson()).hasSize(1);
    outputs.accept(message("stream", "{\"name\":\"stdout\",\"text\":\"new\"}"));
    assertThat(outputs.toJson().toString()).contains("new").doesNotContain("old");
    outputs.accept(message("clear_output", "{\"wait\":false}"));
    assertThat(outputs.toJson()).isEmpty();
  }

  private static KernelMessage message(String type, String content) {
    return new KernelMessage(
        type, "1", "0", com.google.gson.JsonParser.parseString(content).getAsJsonObject());
  }
}
