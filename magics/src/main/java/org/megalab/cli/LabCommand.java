package org.megalab.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.kernel.KernelSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code megalab lab}: the user's own Jupyter, with this kernel in it. */
@Command(
    name = "lab",
    description = "Starts JupyterLab, or else the classic notebook, with the Megalab kernel.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
public final class LabCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "NOTEBOOK",
      arity = "0..1",
      description = "A notebook or folder to open. Default: the current folder.")
  private @Nullable Path notebook;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path opened = notebook;
    if (opened != null && !Files.exists(opened)) {
      throw new IOException("There is no file " + opened.toAbsolutePath().normalize());
    }
    List<String> command = new ArrayList<>(List.of("jupyter", frontEnd(System.getenv())));
    if (opened != null) {
      command.add(opened.toString());
    }
    Path data = Files.createTempDirectory("megalab-jupyter-");
    KernelSpec.writeTo(data);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().merge("JUPYTER_PATH", data.toString(), LabCommand::prepend);
    return builder.start().waitFor();
  }

  private static String prepend(String others, String ours) {
    return others.isBlank() ? ours : ours + File.pathSeparator + others;
  }

  /**
   * Which of Jupyter's front ends is installed.
   *
   * @throws IOException if none is, with the ways to get one
   */
  static String frontEnd(Map<String, String> environment) throws IOException {
    for (String name : List.of("lab", "notebook")) {
      if (onPath("jupyter", environment) && onPath("jupyter-" + name, environment)) {
        return name;
      }
    }
    throw new IOException(
        "Jupyter is not installed, or not on PATH. Install it with: pip install jupyterlab (anywhere),"
            + " apt install jupyter-notebook (Debian), conda install jupyterlab (conda)."
            + " Without Jupyter, `megalab run NOTEBOOK` executes a notebook.");
  }

  private static boolean onPath(String program, Map<String, String> environment) {
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      if (!folder.isEmpty()
          && (Files.isExecutable(Path.of(folder, program))
              || Files.isExecutable(Path.of(folder, program + ".exe")))) {
        return true;
      }
    }
    return false;
  }
}
