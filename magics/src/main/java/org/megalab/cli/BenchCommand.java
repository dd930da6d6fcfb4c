package org.megalab.cli;

import ai.djl.Device;
import java.util.Locale;
import org.megalab.evaluate.StreamingCost;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code megalab bench}: what models cost. */
@Command(
    name = "bench",
    description = "Measures what models cost.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Without a benchmark there is nothing to do: that is wrong use. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Name a benchmark: stream.");
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
}
