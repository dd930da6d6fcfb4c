package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The notebook about the parts of MEGALODON: as it ships, and run with a few updates. */
class AblatingMegalodonNotebookTest {
  private static final String NAME = "07-ablating-megalodon.ipynb";

  @Test
  @Timeout(600)
  void runs(@TempDir Path folder) throws Exception {
    showsEverything(
        ExecutedNotebook.run(
            NAME,
            folder,
            Map.of("int STEPS = 80", "int STEPS = 2", "int SEEDS = 2", "int SEEDS = 1")));
  }

  @Test
  void shipsWithItsOutputs() throws Exception {
    showsEverything(ExecutedNotebook.stored(NAME));
  }

  private static void showsEverything(ExecutedNotebook notebook) {
    assertThat(notebook.ofType("error")).isZero();
    assertThat(notebook.holding("image/png")).as("figures").isEqualTo(7);
    assertThat(notebook.holding("text/html")).as("tables of studies").isEqualTo(6);
  }
}
