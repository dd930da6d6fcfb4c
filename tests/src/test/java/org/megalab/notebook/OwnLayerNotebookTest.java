package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** The notebook with a layer of its own: as it ships, and run with a few updates. */
class OwnLayerNotebookTest extends NotebookContract {
  OwnLayerNotebookTest() {
    super(
        "09-bring-your-own-layer.ipynb",
        Map.of("int STEPS = 150", "int STEPS = 2", "int SEEDS = 2", "int SEEDS = 1"));
  }

  @Override
  void shows(ExecutedNotebook notebook) {
    assertThat(notebook.holding("image/png")).as("figures").isEqualTo(1);
    assertThat(notebook.holding("text/html")).as("tables").isGreaterThanOrEqualTo(2);
    assertThat(notebook.htmlHolding(">false<")).as("checks that failed").isZero();
  }

  @Override
  void ships(ExecutedNotebook notebook) {
    double[] costs = notebook.numbers("width 1: ([\\d.]+), width 8: ([\\d.]+)");
    assertThat(costs[1]).as("a filter that sees other bytes").isLessThan(costs[0]);
  }
}
