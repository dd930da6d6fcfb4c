package org.megalab.cli;

import java.util.List;
import org.megalab.bench.Benchmark;
import org.megalab.bench.BenchmarkModel;
import org.megalab.bench.TrainBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code megalab bench train}. */
@Command(
    name = "train",
    description = "Training steps: forward, backward and the fused update of AdamW.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
final class BenchTrainCommand extends BenchmarkCommand {
  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "The windows of a step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--length",
      paramLabel = "BYTES",
      description = "The bytes of a window. Default: each model's context.")
  private int length;

  @Option(
      names = "--loop",
      description =
          "Also measures training runs from update to update, with all that they do around the"
              + " model.")
  private boolean loop;

  @Mixin private final StepOptions step = new StepOptions();

  BenchTrainCommand() {
    super("llama:tiny", "megalodon:tiny", "megabyte:tiny");
  }

  @Override
  Benchmark benchmark(List<BenchmarkModel> models) {
    return new TrainBenchmark(
        models, new TrainBenchmark.Settings(batch, length, step.settings(), loop));
  }
}
