package org.megalab.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.kernel.KernelSpec;
import org.megalab.notebook.NotebookRunner;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code megalab run NOTEBOOK}. */
@Command(
    name = "run",
    description = "Executes a notebook's cells and stores their outputs in a copy.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
public final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NOTEBOOK", description = "The .ipynb file.")
  private Path notebook = Path.of("");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where to write; may be NOTEBOOK itself. Default: NAME-executed.ipynb beside it.")
  private @Nullable Path output;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "The longest a single cell may take. Default: no limit.")
  private @Nullable Double timeout;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (timeout != null && !(timeout > 0)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--timeout must be more than 0 seconds, but is " + timeout + ".");
    }
    Path target = output == null ? executedName(notebook) : output;
    NotebookRunner runner =
        new NotebookRunner(
            KernelSpec::command,
            timeout == null ? null : Duration.ofMillis(Math.round(timeout * 1000)),
            System.out,
            System.err);
    NotebookRunner.Result result = runner.run(notebook, target);
    if (result.succeeded()) {
      System.err.println("wrote " + target);
      return CommandLine.ExitCode.OK;
    }
    System.err.printf(
        "megalab: cell %d failed: %s%nThe outputs so far are in %s%n",
        result.failedCell(), result.error(), target);
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** {@code a/b.ipynb} becomes {@code a/b-executed.ipynb}. */
  static Path executedName(Path notebook) {
    String name = notebook.getFileName().toString();
    String base = name.endsWith(".ipynb") ? name.substring(0, name.length() - 6) : name;
    return notebook.resolveSibling(base + "-executed.ipynb");
  }
}
