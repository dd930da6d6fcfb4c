package org.megalab.magics;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Dataset;
import org.megalab.model.TrainableModel;
import org.megalab.torchscript.Precision;
import org.megalab.train.Recipe;
import org.megalab.train.Run;
import org.megalab.train.Training;
import org.megalab.train.TrainingConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code %train}. */
@Command(
    sortOptions = false,
    description = {
      "Trains a model on a corpus or on examples, shows the progress live, and defines the run as a"
          + " variable.",
      "Interrupt the cell to stop after the step under way: the checkpoint is written, the model is"
          + " usable, and --resume goes on.",
      "In Java: Training.builder().setModel(model).setData(corpus).setConfig(config)"
          + ".setDirectory(path).build().run();"
    })
final class TrainMagic implements Callable<Run> {
  private static final Set<String> WITH_RESUME = Set.of("--resume", "--model", "--data", "--as");

  private final MagicCommands.Call call;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--steps", description = "The updates. Needed unless a run is resumed.")
  private @Nullable Integer steps;

  @Option(
      names = "--recipe",
      description = "A paper's values for what is not said: ${COMPLETION-CANDIDATES}.")
  private @Nullable Recipe recipe;

  @Option(names = "--batch-size", description = "The windows of an update. Default: 16.")
  private @Nullable Integer batchSize;

  @Option(names = "--window-length", description = "The bytes of a window. Default: the context.")
  private @Nullable Integer windowLength;

  @Option(names = "--learning-rate", description = "The peak. Default: 1e-3.")
  private @Nullable Double learningRate;

  @Option(names = "--warmup-steps", description = "Default: a tenth of the steps, 100 to 500.")
  private @Nullable Integer warmupSteps;

  @Option(
      names = "--decay",
      description = "After the peak: ${COMPLETION-CANDIDATES}. Default: cosine.")
  private TrainingConfig.@Nullable Decay decay;

  @Option(names = "--optimizer", description = "${COMPLETION-CANDIDATES}. Default: adamw.")
  private TrainingConfig.@Nullable OptimizerKind optimizer;

  @Option(names = "--precision", description = "${COMPLETION-CANDIDATES}. Default: float32.")
  private @Nullable Precision precision;

  @Option(
      names = "--micro-batch-size",
      description = "The windows of one pass; gradients add up to an update's. Default: all.")
  private @Nullable Integer microBatchSize;

  @Option(
      names = "--recompute-layers",
      description = "Computes activations again, so many layers at a time. Default: keeps them.")
  private @Nullable Integer recomputeLayers;

  @Option(
      names = "--loss-slice",
      description = "The steps of a window whose logits exist at a time. Default: all.")
  private @Nullable Integer lossSlice;

  @Option(
      names = "--carry-state",
      description = "Windows follow each other through whole documents, with the model's state.")
  private boolean carryState;

  @Option(
      names = "--average-decay",
      description = "Averages the weights, such as 0.999. Default: does not.")
  private @Nullable Double averageDecay;

  @Option(names = "--weight-decay", description = "Default: 0.1.")
  private @Nullable Double weightDecay;

  @Option(names = "--gradient-clip", description = "The largest global norm. Default: 1.")
  private @Nullable Double gradientClip;

  @Option(
      names = "--evaluate-every",
      description = "Updates between evaluations. Default: at the end.")
  private @Nullable Integer evaluateEvery;

  @Option(
      names = "--checkpoint-every",
      description = "Updates between checkpoints. Default: at the end.")
  private @Nullable Integer checkpointEvery;

  @Option(names = "--seed", description = "Decides batches and dropout. Default: 1.")
  private @Nullable Long seed;

  @Option(names = "--model", paramLabel = "VARIABLE", description = "The model. Default: model.")
  private String model = "model";

  @Option(
      names = "--data",
      paramLabel = "VARIABLE",
      description = "A corpus or examples. Default: corpus.")
  private String data = "corpus";

  @Option(
      names = "--run",
      paramLabel = "FOLDER",
      description = "The run's directory. Default: runs/TIME.")
  private @Nullable Path directory;

  @Option(
      names = "--resume",
      paramLabel = "FOLDER",
      description = "Goes on with this run from its newest checkpoint, in the same model.")
  private @Nullable Path resume;

  @Option(
      names = "--as",
      paramLabel = "VARIABLE",
      description = "The run's variable. Default: run.")
  private String variable = "run";

  TrainMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public Run call() {
    Session.checkName(variable);
    Dataset learned = call.session().dataset(data);
    TrainableModel trained = call.session().trainable(model);
    Training training = resume == null ? start(trained, learned) : resume(trained, learned, resume);
    Run run = training.run();
    boolean interrupted = Thread.interrupted(); // what follows must not be cut short
    call.session().define(variable, Run.class, run);
    String place = quoted(run.directory());
    System.out.println(
        run.interrupted()
            ? "Interrupted. To go on: %train --resume " + place
            : "The run is in " + place + "; %summary " + variable + " tells about it.");
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return run;
  }

  private static String quoted(Path path) {
    String text = path.toString();
    return text.contains(" ") ? '"' + text + '"' : text;
  }

  private Training resume(TrainableModel trained, Dataset learned, Path folder) {
    List<String> others =
        spec.commandLine().getParseResult().matchedOptions().stream()
            .map(OptionSpec::longestName)
            .filter(name -> !WITH_RESUME.contains(name))
            .toList();
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(
          "a resumed run keeps its configuration and directory; leave %s out"
              .formatted(String.join(", ", others)));
    }
    long newest = Run.open(folder).newestCheckpoint();
    return Training.resume(folder, learned, newest, trained, new LiveProgress(call.session()));
  }

  /** Hands over an option that was given. */
  private static <T> void given(@Nullable T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }

  private Training start(TrainableModel trained, Dataset learned) {
    if (steps == null) {
      throw new IllegalArgumentException("say how long to train, such as --steps 500");
    }
    TrainingConfig.Builder config =
        recipe == null ? TrainingConfig.builder().setSteps(steps) : recipe.builder(steps);
    given(batchSize, config::optBatchSize);
    given(windowLength, config::optWindowLength);
    given(learningRate, config::optLearningRate);
    given(warmupSteps, config::optWarmupSteps);
    given(decay, config::optDecay);
    given(optimizer, config::optOptimizer);
    given(precision, config::optPrecision);
    given(microBatchSize, config::optMicroBatchSize);
    given(recomputeLayers, config::optRecomputeLayers);
    given(lossSlice, config::optLossSlice);
    if (carryState) {
      config.optCarryState(true);
    }
    given(averageDecay, config::optAverageDecay);
    given(weightDecay, config::optWeightDecay);
    given(gradientClip, config::optGradientClip);
    given(evaluateEvery, config::optEvaluateEvery);
    given(checkpointEvery, config::optCheckpointEvery);
    given(seed, config::optSeed);
    Path folder =
        directory == null
            ? Path.of(
                "runs",
                LocalDateTime.now(ZoneId.systemDefault())
                    .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS")))
            : directory;
    return Training.builder()
        .setModel(trained)
        .setData(learned)
        .setConfig(config.build())
        .setDirectory(folder)
        .optListener(new LiveProgress(call.session()))
        .build();
  }
}
