package org.megalab.cli;

import java.util.List;
import org.megalab.bench.Benchmark;
import org.megalab.bench.BenchmarkModel;
import org.megalab.bench.LayerBenchmark;
import org.megalab.torchscript.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code megalab bench layer}. */
@Command(
    name = "layer",
    description = "Single layers of models, forward, and forward and backward.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
final class BenchLayerCommand extends BenchmarkCommand {
  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "The sequences. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "256",
      description = "Their steps. Default: ${DEFAULT-VALUE}.")
  private int length;

  @Option(
      names = "--precision",
      defaultValue = "float32",
      converter = StepOptions.Precisions.class,
      description = StepOptions.PRECISIONS)
  private Precision precision = Precision.FLOAT32;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "2",
      description = "The rounds that are not measured. Default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "10",
      description = "The rounds that are. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  BenchLayerCommand() {
    super("llama:tiny", "megalodon:tiny");
  }

  @Override
  Benchmark benchmark(List<BenchmarkModel> models) {
    return new LayerBenchmark(
        models, new LayerBenchmark.Settings(batch, length, precision, warmUp, rounds));
  }
}
