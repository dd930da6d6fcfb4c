package org.megalab.cli;

import java.util.List;
import org.megalab.bench.Benchmark;
import org.megalab.bench.BenchmarkModel;
import org.megalab.bench.StreamBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code megalab bench stream}. */
@Command(
    name = "stream",
    description = "Feeds a long stream to a decoding state: time and memory in its course.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
final class BenchStreamCommand extends BenchmarkCommand {
  @Option(
      names = "--bytes",
      paramLabel = "N",
      defaultValue = "524288",
      description = "The length of the stream. Default: ${DEFAULT-VALUE}.")
  private long bytes;

  @Option(
      names = "--chunk",
      paramLabel = "N",
      defaultValue = "2048",
      description = "The bytes that are fed at once. Default: ${DEFAULT-VALUE}.")
  private int chunk;

  @Option(
      names = "--intervals",
      paramLabel = "N",
      defaultValue = "8",
      description = "The parts of the stream that are told of. Default: ${DEFAULT-VALUE}.")
  private int intervals;

  BenchStreamCommand() {
    super("megalodon:tiny");
  }

  @Override
  Benchmark benchmark(List<BenchmarkModel> models) {
    return new StreamBenchmark(models, new StreamBenchmark.Settings(bytes, chunk, intervals));
  }
}
