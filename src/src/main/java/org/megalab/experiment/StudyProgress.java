package org.megalab.experiment;

/**
 * Where a study stands.
 *
 * @param done the runs that have ended, well or not, in this sitting or before
 * @param runs all runs: arms times seeds
 * @param secondsLeft what is left at the pace of this sitting, by the operations of the runs;
 *     infinite before the first update
 * @param result what there is so far
 */
public record StudyProgress(int done, int runs, double secondsLeft, StudyResult result) {}
