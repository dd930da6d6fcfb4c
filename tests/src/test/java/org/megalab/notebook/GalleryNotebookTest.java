package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gallery of figures: as it ships, and run with short trainings and windows, in the dark. */
class GalleryNotebookTest {
  private static final String NAME = "08-gallery.ipynb";

  @Test
  @Timeout(600)
  void runs(@TempDir Path folder) throws Exception {
    showsEverything(
        ExecutedNotebook.run(
            NAME,
            folder,
            Map.of(
                "theme = Theme.LIGHT", "theme = Theme.DARK",
                "int STEPS = 240", "int STEPS = 12",
                "{1024, 4096, 32768}", "{128, 256, 512}",
                "16 << 10", "8 << 10")));
  }

  @Test
  void shipsWithItsOutputs() throws Exception {
    ExecutedNotebook notebook = ExecutedNotebook.stored(NAME);
    showsEverything(notebook);
    double[] means = notebook.numbers("means ([\\d.]+) ([\\d.]+) ([\\d.]+)");
    for (double mean : means) {
      assertThat(mean).as("bits per byte, below those of single bytes").isLessThan(4.4);
    }
  }

  private static void showsEverything(ExecutedNotebook notebook) {
    assertThat(notebook.ofType("error")).isZero();
    assertThat(notebook.holding("image/png")).isEqualTo(27);
    assertThat(notebook.holding("text/html")).isPositive();
  }
}
