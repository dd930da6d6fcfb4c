package org.megalab.magics;

import org.jspecify.annotations.Nullable;
import org.megalab.experiment.StudyBuilder;
import picocli.CommandLine.Option;

/** What a magic or a command may say of a study that is set already. */
public final class StudyOptions {

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "The updates of the base; arms of equal budgets get as many as these pay.")
  private @Nullable Integer steps;

  @Option(names = "--seeds", paramLabel = "N", description = "How many seeds every arm has.")
  private @Nullable Integer seeds;

  @Option(names = "--parallel", paramLabel = "N", description = "How many runs at a time.")
  private @Nullable Integer parallel;

  /** Hands over what was given. */
  public StudyBuilder applyTo(StudyBuilder study) {
    if (steps != null) {
      study.optSteps(steps);
    }
    if (seeds != null) {
      study.optSeeds(seeds.intValue());
    }
    if (parallel != null) {
      study.optParallel(parallel);
    }
    return study;
  }
}
