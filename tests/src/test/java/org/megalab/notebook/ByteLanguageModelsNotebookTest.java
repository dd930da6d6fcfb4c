package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The notebook of all architectures on one text: as it ships, and run with shorter trainings. */
class ByteLanguageModelsNotebookTest {
  private static final String NAME = "03-byte-language-models.ipynb";
  private static final String BEST =
      "best: [\\w-]+, ([\\d.]+) bits per byte; order 0 of the text ([\\d.]+)";
  private static final String FOUND = "(\\d+) of (\\d+) models find";

  @Test
  @Timeout(600)
  void runs(@TempDir Path folder) throws Exception {
    ExecutedNotebook notebook =
        ExecutedNotebook.run(
            NAME,
            folder,
            Map.of(
                "int STEPS = 240", "int STEPS = 6",
                "int BATCH = 8", "int BATCH = 4",
                "int GENERATED = 128", "int GENERATED = 8"));
    showsEverything(notebook);
    assertThat(notebook.numbers(BEST)[0]).as("learns anything").isLessThan(7);
    assertThat(folder.resolve("runs/byte-models-6/runs.csv")).isRegularFile();
  }

  @Test
  void shipsWithItsOutputs() throws Exception {
    ExecutedNotebook notebook = ExecutedNotebook.stored(NAME);
    showsEverything(notebook);
    double[] best = notebook.numbers(BEST);
    assertThat(best[0]).as("better than single bytes").isLessThan(best[1] - 1);
    double[] found = notebook.numbers(FOUND);
    assertThat(found[0]).as("models that prefer words in order").isPositive();
  }

  private static void showsEverything(ExecutedNotebook notebook) {
    assertThat(notebook.ofType("error")).isZero();
    assertThat(notebook.holding("image/png")).isEqualTo(8);
    assertThat(notebook.holding("text/html")).isEqualTo(7);
    assertThat(notebook.numbers(FOUND)[1]).as("models").isEqualTo(10);
  }
}
