package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A notebook as it ships, and run from its first cell to its last with shorter settings. */
abstract class NotebookContract {

  @TempDir Path folder;
  private final String name;
  private final Map<String, String> shorter;

  /** The settings are replaced in the notebook's text; each must be there. */
  NotebookContract(String name, Map<String, String> shorter) {
    this.name = name;
    this.shorter = shorter;
  }

  @Test
  @Timeout(900)
  void runs() throws Exception {
    ExecutedNotebook notebook = ExecutedNotebook.run(name, folder, shorter);
    assertThat(notebook.ofType("error")).isZero();
    shows(notebook);
    ran(notebook);
  }

  @Test
  void shipsWithItsOutputs() throws Exception {
    ExecutedNotebook notebook = ExecutedNotebook.stored(name);
    assertThat(notebook.ofType("error")).isZero();
    shows(notebook);
    ships(notebook);
  }

  /** What there is to see, however long the trainings were. */
  abstract void shows(ExecutedNotebook notebook);

  /** What holds after short trainings, which left their files in the folder. */
  void ran(ExecutedNotebook notebook) {}

  /** What the stored numbers say. */
  void ships(ExecutedNotebook notebook) {}
}
