package org.megalab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
  @ParameterizedTest
  @CsvSource({
    "'', 2",
    "'run', 2",
    "'run --timeout -1 x.ipynb', 2",
    "'run --nonsense x.ipynb', 2",
    "'kernel', 2",
    "'nonsense', 2",
    "'compare --steps many', 2",
    "'compare --architectures nonsense', 1",
    "'compare --preset nonsense --architectures llama', 1",
    "'compare --preset nonsense', 1",
    "'run no-such-file.ipynb', 1",
    "'kernel no-such-file.json', 1",
    "'kernel install --ijava no-such-file.jar', 1",
    "'lab no-such-file.ipynb', 1",
    "'version', 0",
    "'version --help', 0",
    "'version --version', 0",
    "'parity --version', 0",
    "'bench', 2",
    "'bench kernel --starts 1', 0",
    "'--help', 0",
    "'run --version', 0"
  })
  void exitCodes(String arguments, int code) {
    String[] split = arguments.isEmpty() ? new String[0] : arguments.split(" ", -1);
    assertThat(Main.execute(split)).isEqualTo(code);
  }

  @Test
  void kernelIsInstalledBelowAPrefix(@TempDir Path prefix) {
    assertThat(Main.execute("kernel", "install", "--prefix", prefix.toString())).isZero();
    assertThat(prefix.resolve("share/jupyter/kernels/megalab/kernel.json")).exists();
    assertThat(Main.execute("kernel", "install", "--user", "--prefix", prefix.toString()))
        .isEqualTo(2);
  }

  @Test
  void executedNotebooksAreNamedBesideTheInput() {
    assertThat(RunCommand.executedName(Path.of("a/b.ipynb")))
        .isEqualTo(Path.of("a/b-executed.ipynb"));
  }

  @Test
  void withoutJupyterItSaysHowToGetOne() {
    Assertions.assertThatThrownBy(() -> LabCommand.frontEnd(Map.of("PATH", "/nowhere")))
        .hasMessageContaining("pip install jupyterlab")
        .hasMessageContaining("megalab run");
  }
}
