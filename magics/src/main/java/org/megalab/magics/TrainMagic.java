package org.megalab.magics;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Dataset;
import org.megalab.model.TrainableModel;
import org.megalab.train.Run;
import org.megalab.train.Training;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  private static final Set<String> WITH_RESUME =
      Set.of("--resume", "--background", "--model", "--data", "--as");

  private final MagicCommands.Call call;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private TrainingOptions options = new TrainingOptions();

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
      completionCandidates = Candidates.Runs.class,
      description = "Goes on with this run from its newest checkpoint, in the same model.")
  private @Nullable Path resume;

  @Option(
      names = "--as",
      paramLabel = "VARIABLE",
      description = "The run's variable. Default: run.")
  private String variable = "run";

  @Option(
      names = "--background",
      description =
          "Returns at once; the progress goes on in this cell while others run. The run's variable"
              + " is there from the beginning, %%stop ends the training, %%runs tells of it.")
  private boolean background;

  TrainMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public Run call() {
    Session.checkName(variable);
    Dataset learned = call.session().dataset(data);
    TrainableModel trained = call.session().trainable(model);
    BackgroundTrainings trainings = call.session().trainings();
    trainings.requireIdle(trained, "train another model");
    Path folder = resume != null ? resume : directory != null ? directory : newFolder();
    trainings.requireFree(variable, folder);
    LiveProgress progress = new LiveProgress(call.session());
    Training training =
        resume == null
            ? start(trained, learned, folder, progress)
            : resume(trained, learned, folder, progress);
    if (background) {
      Run run = Run.open(folder);
      call.session().define(variable, Run.class, run);
      trainings.start(variable, folder, training, progress);
      return run;
    }
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

  private static Path newFolder() {
    return Path.of(
        "runs",
        LocalDateTime.now(ZoneId.systemDefault())
            .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS")));
  }

  static String quoted(Path path) {
    String text = path.toString();
    return text.contains(" ") ? '"' + text + '"' : text;
  }

  private Training resume(
      TrainableModel trained, Dataset learned, Path folder, LiveProgress progress) {
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
    return Training.resume(folder, learned, newest, trained, progress);
  }

  private Training start(
      TrainableModel trained, Dataset learned, Path folder, LiveProgress progress) {
    return Training.builder()
        .setModel(trained)
        .setData(learned)
        .setConfig(options.config())
        .setDirectory(folder)
        .optListener(progress)
        .build();
  }
}
