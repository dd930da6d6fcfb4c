package org.megalab.cli;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.experiment.Studies;
import org.megalab.experiment.Study;
import org.megalab.experiment.StudyBuilder;
import org.megalab.experiment.StudyResult;
import org.megalab.experiment.StudyText;
import org.megalab.experiment.SuccessiveHalving;
import org.megalab.magics.StudyOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tech.tablesaw.api.Table;

/** {@code megalab study}. */
@Command(
    name = "study",
    description = {
      "Runs an ablation study and prints its table; what is done already is not done again.",
      "Without NAME it lists the ready-made studies. NAME may also be a JSON file, or the directory of"
          + " a study."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
public final class StudyCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      description = "A ready-made study, a JSON file, or a study's directory.")
  private @Nullable String name;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the study is. Default: runs/NAME.")
  private @Nullable Path directory;

  @Option(names = "--gpu", description = "Train on the first GPU.")
  private boolean gpu;

  @Mixin private final StudyOptions options = new StudyOptions();

  @Override
  public Integer call() throws IOException {
    if (name == null) {
      for (String study : Studies.names()) {
        System.out.printf("%-26s %s%n", study, Studies.about(study));
      }
      return CommandLine.ExitCode.OK;
    }
    Study study = study(name);
    StudyResult result = study.run();
    Table table = result.search().map(SuccessiveHalving.Result::table).orElse(result.table());
    System.out.println(table.printAll());
    String file = result.search().isPresent() ? SuccessiveHalving.TABLE : StudyResult.TABLE;
    System.err.println("wrote " + study.directory().resolve(file));
    boolean failed = table.stringColumn("error").asList().stream().anyMatch(e -> !e.isEmpty());
    return failed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }

  /** The table alone is the output; progress goes where errors go. */
  private Study study(String name) throws IOException {
    Path path = Path.of(name);
    StudyBuilder builder;
    Path place;
    if (Files.isRegularFile(path.resolve(Study.FILE))) {
      builder = Study.builder(Files.readString(path.resolve(Study.FILE)));
      place = path;
    } else if (Files.isRegularFile(path)) {
      builder = Study.builder(Files.readString(path));
      place = Path.of("runs", String.valueOf(path.getFileName()).replaceFirst("\\.json$", ""));
    } else {
      builder = Studies.named(name);
      place = Path.of("runs", name);
    }
    return options
        .applyTo(builder)
        .setDirectory(directory == null ? place : directory)
        .optDevice(gpu ? CompareCommand.firstGpu() : Device.cpu())
        .optListener(new StudyText(System.err, 2))
        .build();
  }
}
