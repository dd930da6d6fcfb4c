package org.megalab.magics;

import java.nio.file.Path;
import org.megalab.experiment.Study;
import org.megalab.experiment.StudyBuilder;
import org.megalab.experiment.StudyResult;

/** What the magics of studies do: run one with its display, and define its result. */
final class StudyRunner {

  private StudyRunner() {}

  /**
   * Runs a study, or goes on with it.
   *
   * @param builder with all but the directory, the device and the listener
   * @param variable the result's
   * @param train whether to train what is not there yet, instead of only showing what is
   */
  static StudyResult run(
      Session session, StudyBuilder builder, Path directory, String variable, boolean train) {
    StudyDisplay display = new StudyDisplay(session);
    Study study =
        builder.setDirectory(directory).optDevice(session.device()).optListener(display).build();
    StudyResult result = train ? study.run() : study.result();
    if (!train) {
      display.onResult(result);
    }
    boolean interrupted = Thread.interrupted(); // what follows must not be cut short
    session.define(variable, StudyResult.class, result);
    System.out.println(
        interrupted
            ? "Interrupted: " + result + ". Run the cell again to go on."
            : result + " in " + TrainMagic.quoted(directory) + "; " + variable + " holds them.");
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return result;
  }

  /** A folder below runs for a study of that name. */
  static Path folder(String name) {
    return Path.of("runs", name.replaceAll("[^A-Za-z0-9=,+_.-]+", "-").replaceFirst("^\\.", "-"));
  }
}
