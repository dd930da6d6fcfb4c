package org.megalab.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.megalab.torchscript.DeviceMemoryException;
import org.megalab.torchscript.LibtorchException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code megalab}. Exit codes: 0 done, 1 failed, 2 used wrongly. */
@Command(
    name = "megalab",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    description = "Byte-level sequence models for Java and Jupyter.",
    subcommands = {
      RunCommand.class,
      BenchCommand.class,
      CompareCommand.class,
      StudyCommand.class,
      ParityCommand.class,
      LabCommand.class,
      KernelCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Without a subcommand there is nothing to do: that is wrong use. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Name a command.");
  }

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    System.exit(execute(arguments));
  }

  /** Runs the command line; returns the exit code. */
  static int execute(String... arguments) {
    if (arguments.length == 2 && arguments[0].equals("kernel") && arguments[1].endsWith(".json")) {
      return KernelCommand.serve(Path.of(arguments[1])); // Jupyter waits: no time for parsing
    }
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(Main::explain)
        .execute(arguments);
  }

  /** What a user can mend is one line; anything else keeps its stack trace. */
  private static int explain(Exception error, CommandLine command, CommandLine.ParseResult parsed) {
    PrintWriter out = command.getErr();
    if (error instanceof FileSystemException file && file.getReason() == null) {
      // Such a message is only a path: the class says what is wrong with it.
      String problem = file.getClass().getSimpleName().replaceFirst("Exception$", "");
      out.println("megalab: " + problem + ": " + file.getMessage());
    } else if (error instanceof IOException
        || error instanceof IllegalArgumentException
        || error instanceof LibtorchException
        || error instanceof DeviceMemoryException) {
      String message = error.getMessage();
      out.println("megalab: " + (message == null ? error.getClass().getSimpleName() : message));
    } else {
      error.printStackTrace(out);
    }
    out.flush();
    return CommandLine.ExitCode.SOFTWARE;
  }
}
