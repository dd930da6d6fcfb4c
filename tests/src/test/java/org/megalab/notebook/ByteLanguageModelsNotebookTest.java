package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** The notebook of all architectures on one text: as it ships, and run with shorter trainings. */
class ByteLanguageModelsNotebookTest extends NotebookContract {
  private static final String BEST =
      "best: [\\w-]+, ([\\d.]+) bits per byte; order 0 of the text ([\\d.]+)";
  private static final String FOUND = "(\\d+) of (\\d+) models find";

  ByteLanguageModelsNotebookTest() {
    super(
        "03-byte-language-models.ipynb",
        Map.of(
            "int STEPS = 240", "int STEPS = 6",
            "int BATCH = 8", "int BATCH = 4",
            "int GENERATED = 128", "int GENERATED = 8"));
  }

  @Override
  void shows(ExecutedNotebook notebook) {
    assertThat(notebook.holding("image/png")).isEqualTo(8);
    assertThat(notebook.holding("text/html")).isEqualTo(7);
    assertThat(notebook.numbers(FOUND)[1]).as("models").isEqualTo(10);
  }

  @Override
  void ran(ExecutedNotebook notebook) {
    assertThat(notebook.numbers(BEST)[0]).as("learns anything").isLessThan(7);
    assertThat(folder.resolve("runs/byte-models-6/runs.csv")).isRegularFile();
  }

  @Override
  void ships(ExecutedNotebook notebook) {
    double[] best = notebook.numbers(BEST);
    assertThat(best[0]).as("better than single bytes").isLessThan(best[1] - 1);
    double[] found = notebook.numbers(FOUND);
    assertThat(found[0]).as("models that prefer words in order").isPositive();
  }
}
