package org.megalab.experiment;

import org.megalab.train.Progress;

/**
 * Watches a study. Its methods are called one at a time, on the thread of the run that they tell
 * of: be quick.
 */
public interface StudyListener {

  /** Watches nothing. */
  StudyListener NONE = new StudyListener() {};

  /**
   * When a run begins or goes on; runs that are complete are only read.
   *
   * @param run its name, such as {@code P=4, seed 1}; the arm's alone where there is one seed
   * @param study where the study stands
   */
  default void onBegin(String run, StudyProgress study) {}

  /** After each update of a run. */
  default void onProgress(String run, Progress training, StudyProgress study) {}

  /** When a run has ended, well or not; its row is in the tables. */
  default void onEnd(String run, StudyProgress study) {}

  /**
   * Before the study returns: when all is done, or was before, and when it was interrupted.
   *
   * @param result what there is
   */
  default void onResult(StudyResult result) {}
}
