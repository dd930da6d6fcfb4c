package org.megalab.magics;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.megalab.experiment.Study;
import org.megalab.experiment.StudyBuilder;
import org.megalab.experiment.StudyResult;
import picocli.CommandLine.Option;

/** What the magics of studies share: where one is, and to run it and define its result. */
final class StudyRunner {

  @Option(
      names = "--run",
      paramLabel = "FOLDER",
      description = "The study's directory. Default: runs/NAME.")
  private @Nullable Path directory;

  @Option(
      names = "--as",
      paramLabel = "VARIABLE",
      description = "The result's variable. Default: result.")
  private String variable = "result";

  /** Checks the variable's name before anything is read. */
  void check() {
    Session.checkName(variable);
  }

  /** Checks that a study that is in a folder is not to be elsewhere. */
  void requireIn(Path folder) {
    if (directory != null) {
      throw new IllegalArgumentException(
          "the study of " + folder + " stays in its folder; leave --run out");
    }
  }

  /** The directory that was given, or one below runs for a study of that name. */
  Path folder(String name) {
    return directory != null
        ? directory
        : Path.of("runs", name.replaceAll("[^A-Za-z0-9=,+_.-]+", "-").replaceFirst("^\\.", "-"));
  }

  /**
   * Runs a study, or goes on with it.
   *
   * @param builder with all but the directory, the device and the listener
   * @param train whether to train what is not there yet, instead of only showing what is
   */
  StudyResult run(Session session, StudyBuilder builder, Path folder, boolean train) {
    StudyDisplay display = new StudyDisplay(session);
    Study study =
        builder.setDirectory(folder).optDevice(session.device()).optListener(display).build();
    StudyResult result = train ? study.run() : study.result();
    if (!train) {
      display.onResult(result);
    }
    boolean interrupted = Thread.interrupted(); // what follows must not be cut short
    session.define(variable, StudyResult.class, result);
    System.out.println(
        interrupted
            ? "Interrupted: " + result + ". Run the cell again to go on."
            : result + " in " + TrainMagic.quoted(folder) + "; " + variable + " holds them.");
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return result;
  }
}
