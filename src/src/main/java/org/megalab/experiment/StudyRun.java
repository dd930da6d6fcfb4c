package org.megalab.experiment;

import org.jspecify.annotations.Nullable;

/**
 * An arm with a seed: a row of a study's runs.
 *
 * @param arm the arm's name
 * @param seed decides first weights, batches and dropout
 * @param trial what is to be done, with its budget and seed; null where the arm makes no trial
 * @param error why it makes none
 */
record StudyRun(String arm, long seed, @Nullable Trial trial, String error) {

  /** Makes the run of an arm. */
  static StudyRun of(Arm arm, long seed, Trial base, @Nullable Budget budget) {
    try {
      Trial changed = arm.change().apply(base).withSeed(seed);
      Trial trial = budget == null ? changed : budget.applyTo(changed);
      return new StudyRun(arm.name(), seed, trial, "");
    } catch (RuntimeException e) {
      return new StudyRun(arm.name(), seed, null, Outcome.message(e));
    }
  }

  /** How it is called while it runs. */
  String name() {
    return arm + ", seed " + seed;
  }
}
