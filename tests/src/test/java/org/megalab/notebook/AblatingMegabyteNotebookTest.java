package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The notebook about the parts of MEGABYTE: as it ships, and run with a few updates. */
class AblatingMegabyteNotebookTest {
  private static final String NAME = "06-ablating-megabyte.ipynb";

  @Test
  @Timeout(600)
  void runs(@TempDir Path folder) throws Exception {
    showsEverything(
        ExecutedNotebook.run(
            NAME,
            folder,
            Map.of(
                "int STEPS = 400", "int STEPS = 4",
                "int PICTURE_STEPS = 150", "int PICTURE_STEPS = 2",
                "int SEEDS = 2", "int SEEDS = 1",
                "\\\"steps\\\": 400", "\\\"steps\\\": 4",
                "\\\"warmupSteps\\\": 80", "\\\"warmupSteps\\\": 0",
                "\\\"seeds\\\": 2", "\\\"seeds\\\": 1",
                "megabyte-400", "megabyte-4")));
  }

  @Test
  void shipsWithItsOutputs() throws Exception {
    showsEverything(ExecutedNotebook.stored(NAME));
  }

  private static void showsEverything(ExecutedNotebook notebook) {
    assertThat(notebook.ofType("error")).isZero();
    assertThat(notebook.holding("image/png")).as("figures").isEqualTo(8);
    assertThat(notebook.holding("text/html")).as("tables").isGreaterThanOrEqualTo(7);
    // The study in plain Java finds the runs of the magic's cell and trains nothing.
    assertThat(notebook.numbers("patch-size: (\\d+) of (\\d+) runs"))
        .satisfies(runs -> assertThat(runs[0]).isEqualTo(runs[1]).isPositive());
  }
}
