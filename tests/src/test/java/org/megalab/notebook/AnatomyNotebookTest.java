package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The notebook about MEGALODON's parts: as it ships, and run with shorter trainings and streams.
 */
class AnatomyNotebookTest {
  private static final String NAME = "02-anatomy-of-megalodon.ipynb";
  private static final String DIFFERENCE = "random splits ([\\d.e-]+), largest logit ([\\d.]+)";

  @Test
  @Timeout(600)
  void runs(@TempDir Path folder) throws Exception {
    ExecutedNotebook notebook =
        ExecutedNotebook.run(
            NAME, folder, Map.of("--steps 200", "--steps 12", "100_000}", "15_000}"));
    showsEverything(notebook);
    assertThat(notebook.numbers(DIFFERENCE)[0]).isLessThan(1e-4);
  }

  @Test
  void shipsWithItsOutputs() throws Exception {
    ExecutedNotebook notebook = ExecutedNotebook.stored(NAME);
    showsEverything(notebook);
    double[] difference = notebook.numbers(DIFFERENCE);
    assertThat(difference[0]).isLessThan(1e-5 * difference[1]);
    double[] cost = notebook.numbers("complex ([\\d.]+) none ([\\d.]+)");
    assertThat(cost[0]).as("bits per byte with the moving average").isLessThan(cost[1]);
  }

  private static void showsEverything(ExecutedNotebook notebook) {
    assertThat(notebook.ofType("error")).isZero();
    assertThat(notebook.holding("image/png")).isEqualTo(9);
    assertThat(notebook.holding("text/html")).isGreaterThanOrEqualTo(6);
  }
}
