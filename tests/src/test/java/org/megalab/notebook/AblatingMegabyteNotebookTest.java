package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** The notebook about the parts of MEGABYTE: as it ships, and run with a few updates. */
class AblatingMegabyteNotebookTest extends NotebookContract {
  AblatingMegabyteNotebookTest() {
    super(
        "06-ablating-megabyte.ipynb",
        Map.of(
            "int STEPS = 400", "int STEPS = 4",
            "int PICTURE_STEPS = 150", "int PICTURE_STEPS = 2",
            "int SEEDS = 2", "int SEEDS = 1",
            "\\\"steps\\\": 400", "\\\"steps\\\": 4",
            "\\\"warmupSteps\\\": 80", "\\\"warmupSteps\\\": 0",
            "\\\"seeds\\\": 2", "\\\"seeds\\\": 1",
            "megabyte-400", "megabyte-4"));
  }

  @Override
  void shows(ExecutedNotebook notebook) {
    assertThat(notebook.holding("image/png")).as("figures").isEqualTo(8);
    assertThat(notebook.holding("text/html")).as("tables").isGreaterThanOrEqualTo(7);
    // The study in plain Java finds the runs of the magic's cell and trains nothing.
    assertThat(notebook.numbers("patch-size: (\\d+) of (\\d+) runs"))
        .satisfies(runs -> assertThat(runs[0]).isEqualTo(runs[1]).isPositive());
  }
}
