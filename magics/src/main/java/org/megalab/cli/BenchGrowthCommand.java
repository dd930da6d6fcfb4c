package org.megalab.cli;

import java.util.List;
import org.megalab.bench.Benchmark;
import org.megalab.bench.BenchmarkModel;
import org.megalab.bench.GrowthBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code megalab bench growth}. */
@Command(
    name = "growth",
    description = "Training steps of as many bytes in longer and longer windows.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
final class BenchGrowthCommand extends BenchmarkCommand {
  @Option(
      names = "--bytes",
      paramLabel = "N",
      defaultValue = "8192",
      description = "The bytes of a step. Default: ${DEFAULT-VALUE}.")
  private int bytes;

  @Option(
      names = "--from",
      paramLabel = "BYTES",
      defaultValue = "256",
      description = "The shortest windows. Default: ${DEFAULT-VALUE}.")
  private int from;

  @Option(
      names = "--to",
      paramLabel = "BYTES",
      defaultValue = "4096",
      description = "The longest windows. Default: ${DEFAULT-VALUE}.")
  private int to;

  @Option(
      names = "--factor",
      paramLabel = "N",
      defaultValue = "4",
      description = "How much longer the next windows are. Default: ${DEFAULT-VALUE}.")
  private int factor;

  @Mixin private final StepOptions step = new StepOptions();

  BenchGrowthCommand() {
    super("megalodon:tiny", "megabyte:tiny");
  }

  @Override
  Benchmark benchmark(List<BenchmarkModel> models) {
    List<Integer> lengths = GrowthBenchmark.Settings.lengths(from, to, factor);
    return new GrowthBenchmark(
        models, new GrowthBenchmark.Settings(bytes, lengths, step.settings()));
  }
}
