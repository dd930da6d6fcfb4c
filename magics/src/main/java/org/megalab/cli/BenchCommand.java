package org.megalab.cli;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.megalab.evaluate.StreamingCost;
import org.megalab.kernel.KernelSpec;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.notebook.KernelClient;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code megalab bench}: what models and the kernel cost. */
@Command(
    name = "bench",
    description = "Measures what models and the kernel cost.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Without a benchmark there is nothing to do: that is wrong use. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "Name a benchmark: stream or kernel.");
  }

  @Command(
      name = "stream",
      description = "Feeds a long stream to a decoding state; prints time a byte and memory.",
      mixinStandardHelpOptions = true)
  void stream(
      @Option(names = "--architecture", defaultValue = "megalodon") String architecture,
      @Option(names = "--preset", defaultValue = "tiny") String preset,
      @Option(
              names = "--bytes",
              defaultValue = "2000000",
              description = "The length of the stream; ${DEFAULT-VALUE} when not given.")
          long bytes,
      @Option(
              names = "--block",
              defaultValue = "2048",
              description = "The bytes fed at once; ${DEFAULT-VALUE} when not given.")
          int block) {
    ModelConfig config =
        ModelConfig.fromJson(
            String.format("{\"architecture\": \"%s\", \"preset\": \"%s\"}", architecture, preset));
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1)) {
      System.out.printf(
          Locale.ROOT,
          "%s %s, %,d parameters, blocks of %,d bytes%n%12s %22s %12s %14s%n",
          architecture,
          preset,
          model.parameterCount(),
          block,
          "bytes",
          "microseconds per byte",
          "state MiB",
          "resident MiB");
      StreamingCost.measure(
          model,
          bytes,
          block,
          10,
          interval ->
              System.out.printf(
                  Locale.ROOT,
                  "%,12d %22.2f %12.3f %14.1f%n",
                  interval.bytes(),
                  interval.microsecondsPerByte(),
                  interval.stateMebibytes(),
                  interval.residentMebibytes()));
    }
  }

  @Command(
      name = "kernel",
      description =
          "Starts kernels, one after the other; prints the medians until one is ready, and of its"
              + " first cells, sent at once.",
      mixinStandardHelpOptions = true)
  void kernel(
      @Option(
              names = "--starts",
              defaultValue = "10",
              description = "How many; ${DEFAULT-VALUE} when not given.")
          int starts)
      throws IOException, InterruptedException, TimeoutException {
    List<String> cells = List.of("int x = 1;\nx + 1", "x + 2", "%lsmagic");
    double[][] seconds = new double[1 + cells.size()][starts];
    for (int i = 0; i < starts; i++) {
      long begin = System.nanoTime();
      try (KernelClient kernel =
          KernelClient.start(KernelSpec::command, Path.of("").toAbsolutePath(), Map.of())) {
        seconds[0][i] = since(begin);
        for (int cell = 0; cell < cells.size(); cell++) {
          begin = System.nanoTime();
          kernel.execute(cells.get(cell), Duration.ofMinutes(1), message -> {});
          seconds[1 + cell][i] = since(begin);
        }
      }
    }
    List<String> rows = List.of("ready", "first cell", "second cell", "%lsmagic");
    for (int row = 0; row < rows.size(); row++) {
      Arrays.sort(seconds[row]);
      System.out.printf(
          Locale.ROOT,
          "%-12s %6.3f s  (%.3f to %.3f)%n",
          rows.get(row),
          seconds[row][starts / 2],
          seconds[row][0],
          seconds[row][starts - 1]);
    }
  }

  private static double since(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }
}
