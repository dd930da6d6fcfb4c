package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** The first notebook: as it ships, and run with shorter trainings. */
class FirstNotebookTest extends NotebookContract {
  FirstNotebookTest() {
    super(
        "01-first-megabyte.ipynb",
        Map.of("--steps 1400", "--steps 400", "setSteps(300)", "setSteps(20)"));
  }

  @Override
  void shows(ExecutedNotebook notebook) {
    assertThat(notebook.holding("image/png")).isEqualTo(2);
    assertThat(notebook.holding("text/html")).isGreaterThanOrEqualTo(7);
    double[] cost = notebook.numbers("validation ([\\d.]+) bits per byte, order 1 ([\\d.]+)");
    assertThat(cost[0]).isLessThan(cost[1]);
  }

  @Override
  void ran(ExecutedNotebook notebook) {
    assertThat(folder.resolve("runs")).isDirectory();
  }
}
