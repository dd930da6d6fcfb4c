package org.megalab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.kernel.KernelSpec;
import org.megalab.notebook.Notebook;

/** Jupyter's own client as an independent judge of the kernel. */
@Tag("jupyter")
@Timeout(120)
class JupyterTest {
  @Test
  void nbconvertExecutesANotebook(@TempDir Path folder) throws Exception {
    boolean present = JupyterServer.onPath("jupyter-nbconvert") != null;
    if (!present) {
      System.out.println("JupyterTest is skipped: there is no jupyter-nbconvert on PATH");
    }
    assumeTrue(present, "no jupyter-nbconvert on PATH");

    KernelSpec.writeTo(folder);
    Path notebook = folder.resolve("a.ipynb");
    Files.writeString(
        notebook,
        """
        {"cells": [
          {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [],
           "source": "int x = 40;\\nSystem.out.println(\\"printed\\");\\nx + 2"},
          {"cell_type": "code", "execution_count": null, "metadata": {"tags": ["raises-exception"]},
           "outputs": [], "source": "throw new IllegalStateException(\\"expected\\");"},
          {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [],
           "source": "display(x, \\"text/plain\\");"}],
         "metadata": {"kernelspec": {"name": "megalab", "display_name": "Java (Megalab)", "language": "java"}},
         "nbformat": 4, "nbformat_minor": 4}
        """);
    ProcessBuilder builder =
        new ProcessBuilder(
            "jupyter",
            "nbconvert",
            "--to",
            "notebook",
            "--execute",
            "--output",
            "b.ipynb",
            notebook.toString());
    builder.environment().put("JUPYTER_PATH", folder.toString());
    Path log = folder.resolve("log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();

    List<Notebook.CodeCell> cells = Notebook.read(folder.resolve("b.ipynb")).codeCells();
    assertThat(cells.get(0).outputs().toString()).contains("printed", "42");
    assertThat(cells.get(1).outputs().toString()).contains("IllegalStateException", "expected");
    assertThat(cells.get(2).outputs().toString()).contains("display_data", "40");
  }
}
