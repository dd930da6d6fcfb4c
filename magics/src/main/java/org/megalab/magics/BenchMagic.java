package org.megalab.magics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.megalab.evaluate.EvaluationListener;
import org.megalab.evaluate.StreamingCost;
import org.megalab.evaluate.TrainingThroughput;
import org.megalab.generate.GenerationSpeed;
import org.megalab.model.SequenceModel;
import org.megalab.plot.EvaluationFigures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %bench KIND [MODEL …]}. */
@Command(
    sortOptions = false,
    description = {
      "Measures the speed of models; they learn nothing of it.",
      "In Java: TrainingThroughput.builder() …; GenerationSpeed.measure(models, 256, 256, 1);",
      "         StreamingCost.measure(model, 65536, 1024, 8, interval -> {});"
    })
final class BenchMagic implements Callable<Table> {
  /** What is measured, and the options that it takes. */
  enum Kind {
    TRAINING("--batch-size, --length, --steps"),
    GENERATION("--prompt, --bytes, --batch-size"),
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
          "training (forward, backward and update), generation (byte after byte), or stream (time and"
              + " memory in the course of a long text). Default: training.")
  private Kind kind = Kind.TRAINING;

  @Parameters(
      index = "1..*",
      paramLabel = "MODEL",
      description = "Variables of models. Default: model.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--batch-size",
      description = "Sequences at a time. Default: 16 of training, 1 of generation.")
  private @Nullable Integer batchSize;

  @Option(names = "--length", description = "training: bytes of a window. Default: the context.")
  private @Nullable Integer length;

  @Option(names = "--steps", description = "training: the steps that count. Default: 10.")
  private int steps = 10;

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
    Map<String, SequenceModel> models = new LinkedHashMap<>();
    for (String name : names.isEmpty() ? List.of("model") : names) {
      SequenceModel model = call.session().model(name);
      if (kind == Kind.TRAINING) { // its gradients are the training's
        call.session().trainings().requireIdle(model, "measure another model");
      }
      models.put(name, model);
    }
    Table table =
        switch (kind) {
          case TRAINING -> training(models);
          case GENERATION ->
              GenerationSpeed.measure(models, prompt, or(bytes, 128), or(batchSize, 1));
          case STREAM -> stream(models);
        };
    call.session().show(table);
    if (kind == Kind.TRAINING && models.size() > 1) {
      call.session().show(EvaluationFigures.throughput(table));
    }
    return table;
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

  private Table training(Map<String, SequenceModel> models) {
    Map<String, TrainingThroughput> measured = new LinkedHashMap<>();
    models.forEach(
        (name, model) -> {
          var measurement =
              TrainingThroughput.builder()
                  .setModel(model)
                  .setBatchSize(or(batchSize, 16))
                  .optSteps(steps)
                  .optListener(EvaluationListener.INTERRUPTIBLE);
          if (length != null) {
            measurement.optLength(length);
          }
          measured.put(name, measurement.build().run());
          endWhenInterrupted();
        });
    return TrainingThroughput.table(measured);
  }

  private Table stream(Map<String, SequenceModel> models) {
    Consumer<StreamingCost.Interval> listener = interval -> endWhenInterrupted();
    Table all = null;
    for (Map.Entry<String, SequenceModel> model : models.entrySet()) {
      Table one =
          StreamingCost.measure(model.getValue(), or(bytes, 65_536), block, INTERVALS, listener)
              .table();
      one.insertColumn(
          0, StringColumn.create("model", Collections.nCopies(one.rowCount(), model.getKey())));
      all = all == null ? one : all.append(one);
    }
    return Objects.requireNonNull(all); // there is a model
  }

  private static void endWhenInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("the measurement was interrupted; nothing is known of it");
    }
  }
}
