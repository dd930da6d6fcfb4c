package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every notebook in the folder, whatever it is about. */
class ShippedNotebooksTest {
  private static final Path ROOT = Path.of(System.getProperty("megalab.root"));
  private static final String IMPORT = "(?m)^\\s*import\\s";

  static Stream<Path> notebooks() throws Exception {
    try (Stream<Path> files = Files.list(ROOT.resolve("notebooks"))) {
      return files
          .filter(file -> file.toString().endsWith(".ipynb"))
          .filter(file -> !file.toString().endsWith("-executed.ipynb"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void outputsAreThoseOfTheSources(Path file) throws Exception {
    Notebook notebook = Notebook.read(file);
    assertThat(ExecutionStamp.read(notebook))
        .as("run it again: ./megalab run %s -o %<s", ROOT.relativize(file))
        .isEqualTo(ExecutionStamp.of(notebook));
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void everyCellRanOnceInOrderWithoutAnError(Path file) throws Exception {
    List<Notebook.CodeCell> cells = Notebook.read(file).codeCells();
    assertThat(cells.stream().map(Notebook.CodeCell::executionCount))
        .isEqualTo(IntStream.rangeClosed(1, cells.size()).boxed().toList());
    for (Notebook.CodeCell cell : cells) {
      for (JsonElement output : cell.outputs()) {
        assertThat(output.getAsJsonObject().get("output_type").getAsString())
            .as(cell.source())
            .isNotEqualTo("error");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void isShortAndImportsInItsFirstCell(Path file) throws Exception {
    Notebook notebook = Notebook.read(file);
    assertThat(notebook.cellCount()).as("cells").isLessThan(25);
    List<Notebook.CodeCell> cells = notebook.codeCells();
    assertThat(cells.get(0).source()).containsPattern(IMPORT);
    for (Notebook.CodeCell later : cells.subList(1, cells.size())) {
      // The TorchScript of a layer that a cell writes has imports of its own.
      String java = later.source().replaceAll("(?s)\"\"\".*?\"\"\"", "");
      assertThat(java).doesNotContainPattern(IMPORT);
    }
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void someTestRunsIt(Path file) throws Exception {
    String name = '"' + file.getFileName().toString() + '"';
    Path tests = ROOT.resolve("tests/src/test/java/org/megalab/notebook");
    try (Stream<Path> sources = Files.list(tests)) {
      assertThat(sources.filter(source -> runs(source, name)))
          .as("a test here that extends NotebookContract with %s", name)
          .isNotEmpty();
    }
  }

  private static boolean runs(Path test, String name) {
    try {
      String source = Files.readString(test);
      return source.contains(name) && source.contains("extends NotebookContract");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void thereAreNotebooks() throws Exception {
    assertThat(notebooks()).hasSizeGreaterThanOrEqualTo(5);
  }
}
