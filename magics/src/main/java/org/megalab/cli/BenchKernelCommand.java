package org.megalab.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.megalab.evaluate.Measurement;
import org.megalab.kernel.KernelSpec;
import org.megalab.notebook.KernelClient;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code megalab bench kernel}. */
@Command(
    name = "kernel",
    description =
        "Starts kernels, one after the other; prints the medians until one is ready, and of its"
            + " first cells, sent at once.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
final class BenchKernelCommand implements Callable<Integer> {
  private static final List<String> CELLS = List.of("int x = 1;\nx + 1", "x + 2", "%lsmagic");
  private static final List<String> ROWS =
      List.of("ready", "first cell", "second cell", "%lsmagic");

  @Option(
      names = "--starts",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many. Default: ${DEFAULT-VALUE}.")
  private int starts;

  @Override
  public Integer call() throws IOException, InterruptedException, TimeoutException {
    List<List<Double>> kernels = new ArrayList<>();
    for (int i = 0; i < starts; i++) {
      kernels.add(start());
    }
    for (int row = 0; row < ROWS.size(); row++) {
      int number = row;
      Measurement times = Measurement.of(kernels, seconds -> seconds.get(number));
      System.out.printf(
          Locale.ROOT,
          "%-12s %6.3f s  (%.3f to %.3f)%n",
          ROWS.get(row),
          times.median(),
          times.min(),
          times.max());
    }
    return CommandLine.ExitCode.OK;
  }

  /** Returns the seconds until a kernel was ready, and of its first cells. */
  private static List<Double> start() throws IOException, InterruptedException, TimeoutException {
    List<Double> seconds = new ArrayList<>();
    long begin = System.nanoTime();
    try (KernelClient kernel =
        KernelClient.start(KernelSpec::command, Path.of("").toAbsolutePath(), Map.of())) {
      seconds.add(since(begin));
      for (String cell : CELLS) {
        begin = System.nanoTime();
        kernel.execute(cell, Duration.ofMinutes(1), message -> {});
        seconds.add(since(begin));
      }
    }
    return seconds;
  }

  private static double since(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }
}
