package org.megalab.cli;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.megalab.interop.Parity;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code megalab parity DIR}. */
@Command(
    name = "parity",
    description = "Compares the models with recordings of their reference implementations.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
public final class ParityCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "A folder of .safetensors reference vectors.")
  private Path folder = Path.of("");

  @Option(names = "--gpu", description = "Compute on the first GPU.")
  private boolean gpu;

  @Override
  public Integer call() {
    List<Parity.Result> results =
        Parity.compareAll(folder, gpu ? CompareCommand.firstGpu() : Device.cpu())
            .peek(System.out::println)
            .toList();
    long failed = results.stream().filter(result -> !result.passed()).count();
    System.out.printf("%d passed, %d failed%n", results.size() - failed, failed);
    return failed == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }
}
