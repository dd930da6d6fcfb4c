package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/**
 * The notebook about MEGALODON's parts: as it ships, and run with shorter trainings and streams.
 */
class AnatomyNotebookTest extends NotebookContract {
  private static final String DIFFERENCE = "random splits ([\\d.e-]+), largest logit ([\\d.]+)";

  AnatomyNotebookTest() {
    super(
        "02-anatomy-of-megalodon.ipynb",
        Map.of("--steps 200", "--steps 12", "100_000}", "15_000}"));
  }

  @Override
  void shows(ExecutedNotebook notebook) {
    assertThat(notebook.holding("image/png")).isEqualTo(9);
    assertThat(notebook.holding("text/html")).isGreaterThanOrEqualTo(6);
  }

  @Override
  void ran(ExecutedNotebook notebook) {
    assertThat(notebook.numbers(DIFFERENCE)[0]).isLessThan(1e-4);
  }

  @Override
  void ships(ExecutedNotebook notebook) {
    double[] difference = notebook.numbers(DIFFERENCE);
    assertThat(difference[0]).isLessThan(1e-5 * difference[1]);
    double[] cost = notebook.numbers("complex ([\\d.]+) none ([\\d.]+)");
    assertThat(cost[0]).as("bits per byte with the moving average").isLessThan(cost[1]);
  }
}
