package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The notebook with a layer of its own: as it ships, and run with a few updates. */
class OwnLayerNotebookTest {
  private static final String NAME = "09-bring-your-own-layer.ipynb";

  @Test
  @Timeout(600)
  void runs(@TempDir Path folder) throws Exception {
    showsEverything(
        ExecutedNotebook.run(
            NAME,
            folder,
            Map.of("int STEPS = 150", "int STEPS = 2", "int SEEDS = 2", "int SEEDS = 1")));
  }

  @Test
  void shipsWithItsOutputs() throws Exception {
    ExecutedNotebook notebook = ExecutedNotebook.stored(NAME);
    showsEverything(notebook);
    double[] costs = notebook.numbers("width 1: ([\\d.]+), width 8: ([\\d.]+)");
    assertThat(costs[1]).as("a filter that sees other bytes").isLessThan(costs[0]);
  }

  private static void showsEverything(ExecutedNotebook notebook) {
    assertThat(notebook.ofType("error")).isZero();
    assertThat(notebook.holding("image/png")).as("figures").isEqualTo(1);
    assertThat(notebook.holding("text/html")).as("tables").isGreaterThanOrEqualTo(2);
    assertThat(notebook.htmlHolding(">false<")).as("checks that failed").isZero();
  }
}
