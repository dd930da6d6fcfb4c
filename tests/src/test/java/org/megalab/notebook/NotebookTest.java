package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotebookTest {
  /** Written by nbformat 5.5 from Python. */
  private static String jupyterFile() throws IOException {
    try (var in = NotebookTest.class.getResourceAsStream("/notebook/written-by-jupyter.ipynb")) {
      assertThat(in).isNotNull();
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  @Test
  void aFileThatJupyterWroteStaysByteIdentical(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("a.ipynb"), jupyterFile());
    Path copy = folder.resolve("b.ipynb");
    Notebook.read(file).write(copy);
    assertThat(copy).hasSameBinaryContentAs(file);
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void codeCellsAreReadAndRecorded() throws IOException {
    Notebook notebook = Notebook.parse(jupyterFile());
    Notebook copy = notebook.copy();
    assertThat(copy.codeCells().get(0).source()).isEqualTo("int x = 1;\nx");
    copy.codeCells().forEach(Notebook.CodeCell::clear);
    assertThat(copy.codeCells().get(0).outputs()).isEmpty();
    assertThat(copy.toJson()).contains("\"execution_count\": null").contains("\"unknown_field\"");
    assertThat(notebook.toJson()).isEqualTo(jupyterFile());
  }

  @Test
  void aSourceInOneStringIsSplitIntoLines() {
    Notebook notebook =
        Notebook.parse(
            "{\"nbformat\":4,\"cells\":[{\"cell_type\":\"code\",\"source\":\"a\\nb\"}]}");
    assertThat(notebook.toJson()).contains("\"source\": [\n    \"a\\n\",\n    \"b\"\n   ]");
  }

  @Test
  void linesAreSplitAsPythonDoes() {
    assertThat(Notebook.lines("a\r\nb\rc\u2028d\n").toString())
        .isEqualTo("[\"a\\r\\n\",\"b\\r\",\"c\\u2028\",\"d\\n\"]");
    assertThat(Notebook.lines("")).isEmpty();
  }

  @Test
  void whatIsNoNotebookIsSaid(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("a.ipynb"), "{\"cells\": [], \"nbformat\": 3}");
    assertThatThrownBy(() -> Notebook.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("must be 4");
    Files.writeString(file, "not json {");
    assertThatThrownBy(() -> Notebook.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("JSON");
    assertThatThrownBy(() -> Notebook.read(folder.resolve("none.ipynb")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("There is no file");
  }
}
