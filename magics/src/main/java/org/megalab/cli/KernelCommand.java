package org.megalab.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.kernel.IJavaSpec;
import org.megalab.kernel.KernelServer;
import org.megalab.kernel.KernelSpec;
import org.megalab.notebook.KernelArchive;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code megalab kernel install}, and what Jupyter itself calls to start the kernel. */
@Command(
    name = "kernel",
    description = "Makes the kernel known to Jupyter.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    synopsisSubcommandLabel = "install",
    subcommands = KernelCommand.Install.class)
public final class KernelCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(hidden = true, arity = "0..1")
  private @Nullable Path connectionFile;

  @Override
  public Integer call() {
    if (connectionFile == null) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Say: megalab kernel install --user");
    }
    return serve(connectionFile);
  }

  /** Runs the kernel to its end; returns the exit code. */
  static int serve(Path connectionFile) {
    try {
      if (!Files.isReadable(connectionFile)) {
        throw new IOException("There is no connection file " + connectionFile);
      }
      KernelServer.run(connectionFile);
      return CommandLine.ExitCode.OK;
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      System.err.println("megalab: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  /** Where to install. */
  static final class Target {
    @Option(names = "--user", description = "For the current user (the default).")
    boolean user;

    @Option(
        names = "--prefix",
        paramLabel = "DIR",
        description = "Below DIR/share/jupyter, such as a virtual environment.")
    @Nullable Path prefix;
  }

  /** {@code megalab kernel install}. */
  @Command(
      name = "install",
      description = "Writes kernel.json and the logo to Jupyter's folder.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionCommand.class)
  static final class Install implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @ArgGroup private @Nullable Target target;

    @Option(
        names = "--ijava",
        paramLabel = "JAR",
        description =
            "Your IJava's ijava-1.3.0.jar, or the folder with it: installs a kernel"
                + " that runs IJava with these magics, instead of Megalab's own.")
    private @Nullable Path ijava;

    @Override
    public Integer call() throws IOException, InterruptedException {
      boolean archived = KernelArchive.create();
      Path prefix = target == null ? null : target.prefix;
      Path data =
          prefix == null ? KernelSpec.userDataFolder() : KernelSpec.prefixDataFolder(prefix);
      Path folder = ijava == null ? KernelSpec.writeTo(data) : IJavaSpec.writeTo(data, ijava);
      spec.commandLine().getOut().println("installed the kernel in " + folder);
      if (!archived) {
        spec.commandLine()
            .getOut()
            .println("no class archive could be made: the kernel starts, but half a second later");
      }
      return CommandLine.ExitCode.OK;
    }
  }
}
