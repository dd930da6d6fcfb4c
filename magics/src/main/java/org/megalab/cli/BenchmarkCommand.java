package org.megalab.cli;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.bench.Benchmark;
import org.megalab.bench.BenchmarkModel;
import org.megalab.bench.BenchmarkReport;
import org.megalab.magics.DeviceName;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A benchmark of models: what they are, where they compute, and where the figures go. */
abstract class BenchmarkCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = {
        "[NAME=]ARCHITECTURE[:PRESET][{\"key\": value, ...}], such as megabyte:155m; repeat it for more"
            + " models. Default: tiny ones."
      })
  private List<String> models = new ArrayList<>();

  @Option(names = "--device", paramLabel = "NAME", description = "cpu, or gpu0, gpu1 and so on.")
  private String device = "cpu";

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Where all figures go, with machine, configurations and this command.")
  private @Nullable Path json;

  private final List<String> usual;

  BenchmarkCommand(String... usual) {
    this.usual = List.of(usual);
  }

  abstract Benchmark benchmark(List<BenchmarkModel> models);

  /** The figures alone are the output; progress goes where errors go. */
  @Override
  public Integer call() throws IOException {
    Device place = DeviceName.parse(device);
    List<BenchmarkModel> measured =
        (models.isEmpty() ? usual : models)
            .stream().map(text -> BenchmarkModel.parse(text, place)).toList();
    List<String> command = new ArrayList<>(List.of("megalab"));
    command.addAll(spec.root().commandLine().getParseResult().originalArgs());
    BenchmarkReport report =
        BenchmarkReport.of(benchmark(measured), command, line -> System.err.println("… " + line));
    System.out.println(report.text());
    if (json != null) {
      report.write(json);
      System.err.println("wrote " + json);
    }
    return report.errors().isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }
}
