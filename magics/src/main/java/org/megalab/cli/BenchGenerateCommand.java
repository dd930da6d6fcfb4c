package org.megalab.cli;

import java.util.List;
import org.megalab.bench.Benchmark;
import org.megalab.bench.BenchmarkModel;
import org.megalab.bench.GenerateBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code megalab bench generate}. */
@Command(
    name = "generate",
    description = "Writes bytes one after the other, by batch and by position.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
final class BenchGenerateCommand extends BenchmarkCommand {
  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      defaultValue = "1",
      description = "The sequences written at once, as in 1,64. Default: ${DEFAULT-VALUE}.")
  private List<Integer> batches = List.of();

  @Option(
      names = "--position",
      paramLabel = "N",
      split = ",",
      defaultValue = "0,128",
      description = "The bytes that are read before, as in 0,4096. Default: ${DEFAULT-VALUE}.")
  private List<Integer> positions = List.of();

  @Option(
      names = "--bytes",
      paramLabel = "N",
      defaultValue = "64",
      description = "The bytes of a sequence that are written. Default: ${DEFAULT-VALUE}.")
  private int bytes;

  @Option(
      names = "--uncached",
      description =
          "Also measures forward passes over all bytes, one of which each byte takes where"
              + " a model has no decoding state.")
  private boolean uncached;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "1024",
      description = "The bytes that each model writes before. Default: ${DEFAULT-VALUE}.")
  private int warmUp;

  BenchGenerateCommand() {
    super("llama:tiny", "megabyte:tiny", "megalodon:tiny");
  }

  @Override
  Benchmark benchmark(List<BenchmarkModel> models) {
    return new GenerateBenchmark(
        models, new GenerateBenchmark.Settings(batches, positions, bytes, uncached, warmUp));
  }
}
