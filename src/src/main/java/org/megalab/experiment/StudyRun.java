package org.megalab.experiment;

import org.jspecify.annotations.Nullable;

/**
 * An arm with a seed: a row of a study's runs.
 *
 * @param name how it is called while it runs: the arm, and the seed where there are several
 * @param arm the arm's name
 * @param seed decides first weights, batches and dropout
 * @param trial what is to be done, with its budget and seed; null where the arm makes no trial
 * @param error why it makes none
 */
record StudyRun(String name, String arm, long seed, @Nullable Trial trial, String error) {

  /** Makes the run of an arm. */
  static StudyRun of(StudyPlan study, Arm arm, long seed) {
    String name = study.seeds().size() == 1 ? arm.name() : arm.name() + ", seed " + seed;
    try {
      Trial changed = arm.trial(study.base()).withSeed(seed);
      Budget budget = study.budget();
      Trial trial = budget == null ? changed : budget.applyTo(changed);
      return new StudyRun(name, arm.name(), seed, trial, "");
    } catch (RuntimeException e) {
      return new StudyRun(name, arm.name(), seed, null, Outcome.message(e));
    }
  }
}
