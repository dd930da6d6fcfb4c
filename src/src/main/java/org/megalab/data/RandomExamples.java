package org.megalab.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Training batches of examples in random order, each example once an epoch, fixed by the seed and
 * the step alone.
 *
 * <p>Row r of step s is number s · batch + r of an endless list: one permutation of the examples
 * after the other, the permutation of epoch e drawn by Fisher and Yates with the random numbers
 * {@code key(seed, e, i)} of {@link SplitMix64}. There is no reader state, so a resumed run
 * continues with the examples that it would have seen. The common mistake is to shuffle the
 * remainder of an epoch away.
 */
public final class RandomExamples {

  private final Examples examples;
  private final int batchSize;
  private final long seed;
  private long epoch = -1;
  private int[] order = new int[0];

  /**
   * Examples, {@code batchSize} of them in a batch.
   *
   * @throws IllegalArgumentException if there are no examples, or the batch size is below 1
   */
  public RandomExamples(Examples examples, int batchSize, long seed) {
    if (examples.size() == 0 || batchSize < 1) {
      throw new IllegalArgumentException(
          "batches of "
              + batchSize
              + " out of "
              + examples.size()
              + " examples cannot be drawn; both must be at least 1");
    }
    this.examples = examples;
    this.batchSize = batchSize;
    this.seed = seed;
  }

  /**
   * Returns the indices of a step's examples.
   *
   * @throws IllegalArgumentException if the step is negative
   */
  public synchronized int[] indices(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("the step is " + step + "; steps count from 0");
    }
    int[] indices = new int[batchSize];
    for (int r = 0; r < batchSize; r++) {
      long number = step * batchSize + r;
      shuffle(number / examples.size());
      indices[r] = order[(int) (number % examples.size())];
    }
    return indices;
  }

  /** Returns the examples of a step. */
  public List<Example> batch(long step) {
    List<Example> batch = new ArrayList<>(batchSize);
    for (int index : indices(step)) {
      batch.add(examples.get(index));
    }
    return batch;
  }

  private void shuffle(long wanted) {
    if (wanted == epoch) {
      return;
    }
    epoch = wanted;
    order = new int[examples.size()];
    for (int i = 0; i < order.length; i++) {
      int j = (int) Long.remainderUnsigned(SplitMix64.key(seed, wanted, i), i + 1L);
      order[i] = order[j];
      order[j] = i;
    }
  }
}
