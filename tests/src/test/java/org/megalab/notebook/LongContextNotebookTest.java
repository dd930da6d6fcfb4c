package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** The notebook about long contexts: as it ships, and run with short trainings and streams. */
class LongContextNotebookTest extends NotebookContract {
  LongContextNotebookTest() {
    super(
        "05-long-context.ipynb",
        Map.of(
            "int STEPS = 40", "int STEPS = 2",
            "2 << 20", "8 << 10",
            "48 << 10", "8 << 10",
            "int RECALL_STEPS = 100", "int RECALL_STEPS = 2",
            "examples(1, 0, 100, 1)", "examples(1, 0, 5, 1)",
            "{1024, 2048, 4096, 8192}", "{256, 512, 1024, 2048}",
            "16 << 10;", "4 << 10;"));
  }

  @Override
  void shows(ExecutedNotebook notebook) {
    assertThat(notebook.holding("image/png")).isEqualTo(6);
    assertThat(notebook.holding("text/html")).isGreaterThanOrEqualTo(2);
  }

  @Override
  void ships(ExecutedNotebook notebook) {
    double[] attending = notebook.numbers("llama: gap 32 ([\\d.]+), gap 512 ([\\d.]+)");
    assertThat(attending[0]).as("recall within the gaps of training").isGreaterThan(0.9);
    assertThat(attending[1]).as("recall of who attends to everything").isGreaterThan(0.9);
    double[] chunks = notebook.numbers("megalodon: gap 32 ([\\d.]+), gap 512 ([\\d.]+)");
    assertThat(chunks[1]).as("recall beyond the chunk").isLessThan(chunks[0] - 0.2);
    double kept = notebook.numbers("all kept: (\\d+) MiB")[0];
    double recomputed = notebook.numbers("recomputed: (\\d+) MiB")[0];
    double sliced = notebook.numbers("recomputed, sliced loss: (\\d+) MiB")[0];
    assertThat(recomputed).as("MiB of a step").isLessThan(kept);
    assertThat(sliced).as("MiB of a step").isLessThan(kept);
    double[] windows = notebook.numbers("megalodon, carried: ([\\d.]+) ([\\d.]+)");
    assertThat(windows[1]).as("bits per byte in long windows").isLessThan(windows[0]);
  }
}
