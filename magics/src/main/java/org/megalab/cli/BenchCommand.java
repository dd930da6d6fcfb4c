package org.megalab.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code megalab bench}: what models and the kernel cost. */
@Command(
    name = "bench",
    description = "Measures what models and the kernel cost.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    subcommands = {
      BenchTrainCommand.class,
      BenchGrowthCommand.class,
      BenchStreamCommand.class,
      BenchGenerateCommand.class,
      BenchLayerCommand.class,
      BenchKernelCommand.class
    })
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Without a benchmark there is nothing to do: that is wrong use. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "Name a benchmark: " + spec.subcommands().keySet() + ".");
  }
}
