package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** The notebook about the parts of MEGALODON: as it ships, and run with a few updates. */
class AblatingMegalodonNotebookTest extends NotebookContract {
  AblatingMegalodonNotebookTest() {
    super(
        "07-ablating-megalodon.ipynb",
        Map.of("int STEPS = 80", "int STEPS = 2", "int SEEDS = 2", "int SEEDS = 1"));
  }

  @Override
  void shows(ExecutedNotebook notebook) {
    assertThat(notebook.holding("image/png")).as("figures").isEqualTo(7);
    assertThat(notebook.holding("text/html")).as("tables of studies").isEqualTo(6);
  }
}
