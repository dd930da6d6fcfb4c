package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** The gallery of figures: as it ships, and run with short trainings and windows, in the dark. */
class GalleryNotebookTest extends NotebookContract {
  GalleryNotebookTest() {
    super(
        "08-gallery.ipynb",
        Map.of(
            "theme = Theme.LIGHT", "theme = Theme.DARK",
            "int STEPS = 240", "int STEPS = 12",
            "{1024, 4096, 32768}", "{128, 256, 512}",
            "16 << 10", "8 << 10"));
  }

  @Override
  void shows(ExecutedNotebook notebook) {
    assertThat(notebook.holding("image/png")).isEqualTo(28);
    assertThat(notebook.holding("text/html")).isPositive();
  }

  @Override
  void ships(ExecutedNotebook notebook) {
    double[] means = notebook.numbers("means ([\\d.]+) ([\\d.]+) ([\\d.]+)");
    for (double mean : means) {
      assertThat(mean).as("bits per byte, below those of single bytes").isLessThan(4.4);
    }
  }
}
