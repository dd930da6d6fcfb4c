package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The first notebook from its first cell to its last, with shorter trainings. */
class FirstNotebookTest {

  @Test
  @Timeout(600)
  void runsAndLearns(@TempDir Path folder) throws Exception {
    ExecutedNotebook notebook =
        ExecutedNotebook.run(
            "01-first-megabyte.ipynb",
            folder,
            Map.of("--steps 1400", "--steps 400", "setSteps(300)", "setSteps(20)"));
    assertThat(notebook.ofType("error")).isZero();
    assertThat(notebook.holding("image/png")).isEqualTo(2);
    assertThat(notebook.holding("text/html")).isGreaterThanOrEqualTo(7);
    double[] cost = notebook.numbers("validation ([\\d.]+) bits per byte, order 1 ([\\d.]+)");
    assertThat(cost[0]).isLessThan(cost[1]);
    assertThat(folder.resolve("runs")).isDirectory();
  }
}
