package org.megalab.magics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.bench.Benchmark;
import org.megalab.bench.BenchmarkModel;
import org.megalab.bench.BenchmarkProgress;
import org.megalab.bench.BenchmarkReport;
import org.megalab.bench.GenerateBenchmark;
import org.megalab.bench.LayerBenchmark;
import org.megalab.bench.StepSettings;
import org.megalab.bench.StreamBenchmark;
import org.megalab.bench.TrainBenchmark;
import org.megalab.model.SequenceModel;
import org.megalab.plot.EvaluationFigures;
import org.megalab.torchscript.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tech.tablesaw.api.Table;

/** {@code %bench KIND [MODEL …]}. */
@Command(
    sortOptions = false,
    description = {
      "Measures the speed of models; they learn nothing of it.",
      "In Java: new TrainBenchmark(List.of(BenchmarkModel.of(\"a\", a)), settings).run(line -> {}),",
      "         and likewise GenerateBenchmark, LayerBenchmark, StreamBenchmark."
    })
final class BenchMagic implements Callable<Table> {
  /** What is measured, and the options that it takes. */
  enum Kind {
    TRAINING("--batch-size, --length, --steps, --precision, --recompute-layers, --loss-slice"),
    GENERATION("--prompt, --bytes, --batch-size"),
    LAYER("--batch-size, --length, --steps, --precision"),
    STREAM("--bytes, --block");

    private final String options;

    Kind(String options) {
      this.options = options;
    }
  }

  private static final int INTERVALS = 8;

  private final MagicCommands.Call call;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "KIND",
      description =
          "training (forward, backward and update), generation (byte after byte), layer (each kind"
              + " alone), or stream (time and memory in the course of a long text). Default:"
              + " training.")
  private Kind kind = Kind.TRAINING;

  @Parameters(
      index = "1..*",
      paramLabel = "MODEL",
      description = "Variables of models. Default: model.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--batch-size",
      description = "Sequences at a time. Default: 16, and 1 of generation.")
  private @Nullable Integer batchSize;

  @Option(
      names = "--length",
      description = "training, layer: bytes of a window. Default: the context; 256 of layers.")
  private @Nullable Integer length;

  @Option(names = "--steps", description = "training, layer: the steps that count. Default: 10.")
  private int steps = 10;

  @Option(
      names = "--precision",
      description = "training, layer: ${COMPLETION-CANDIDATES}. Default: float32.")
  private Precision precision = Precision.FLOAT32;

  @Option(
      names = "--recompute-layers",
      description = "training: activations are computed again, so many layers at a time.")
  private int recomputeLayers;

  @Option(
      names = "--loss-slice",
      description = "training: the steps of a window whose logits exist at a time.")
  private int lossSlice;

  @Option(names = "--prompt", description = "generation: bytes read before. Default: 16.")
  private int prompt = 16;

  @Option(
      names = "--bytes",
      description = "generation: bytes written, 128; stream: its length, 65536.")
  private @Nullable Integer bytes;

  @Option(names = "--block", description = "stream: bytes fed at a time. Default: 1024.")
  private int block = 1024;

  BenchMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public Table call() {
    checkOptions();
    List<BenchmarkModel> models = new ArrayList<>();
    for (String name : names.isEmpty() ? List.of("model") : names) {
      SequenceModel model = call.session().model(name);
      if (kind == Kind.TRAINING || kind == Kind.LAYER) { // its gradients are the training's
        call.session().trainings().requireIdle(model, "measure another model");
      }
      models.add(BenchmarkModel.of(name, model));
    }
    Benchmark benchmark = benchmark(models);
    Table table = benchmark.run(BenchmarkProgress.NONE);
    call.session().show(BenchmarkReport.known(table));
    if (kind == Kind.TRAINING && models.size() > 1) {
      call.session().show(EvaluationFigures.throughput(table));
    }
    return table;
  }

  private Benchmark benchmark(List<BenchmarkModel> models) {
    return switch (kind) {
      case TRAINING -> {
        StepSettings step =
            new StepSettings(StepSettings.RANDOM, precision, recomputeLayers, lossSlice, 2, steps);
        yield new TrainBenchmark(
            models, new TrainBenchmark.Settings(or(batchSize, 16), or(length, 0), step, false));
      }
      case GENERATION ->
          new GenerateBenchmark(
              models,
              new GenerateBenchmark.Settings(
                  List.of(or(batchSize, 1)), List.of(prompt), or(bytes, 128), false, 0));
      case LAYER ->
          new LayerBenchmark(
              models,
              new LayerBenchmark.Settings(or(batchSize, 16), or(length, 256), precision, 2, steps));
      case STREAM ->
          new StreamBenchmark(
              models, new StreamBenchmark.Settings(or(bytes, 65_536), block, INTERVALS));
    };
  }

  private void checkOptions() {
    List<String> others =
        spec.commandLine().getParseResult().matchedOptions().stream()
            .map(option -> option.longestName())
            .filter(name -> !List.of(kind.options.split(", ", -1)).contains(name))
            .toList();
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(
          "%s does not belong to %%bench %s, which takes %s"
              .formatted(
                  String.join(", ", others), kind.name().toLowerCase(Locale.ROOT), kind.options));
    }
  }

  private static int or(@Nullable Integer given, int usual) {
    return given == null ? usual : given;
  }
}
