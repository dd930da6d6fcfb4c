package org.megalab.data;

import java.util.Random;
import java.util.function.IntUnaryOperator;

/**
 * The one rule for sets that come without a validation split: of n training examples the last
 * min(5000, ⌊n / 10⌋) are held out. Where the examples lie ordered by class, the last of a fixed
 * shuffled order: Fisher and Yates from the back, with {@link Random} at seed 42, which gives the
 * same numbers on every Java.
 */
final class HeldOut {
  private static final int MOST = 5000;
  private static final long SEED = 42;

  private HeldOut() {}

  static int count(int n) {
    return Math.min(MOST, n / 10);
  }

  /** The examples that are left to learn from. */
  static Examples train(Examples all) {
    return part(all, 0, all.size() - count(all.size()), i -> i);
  }

  /** The examples that are held out. */
  static Examples validation(Examples all) {
    return part(all, all.size() - count(all.size()), all.size(), i -> i);
  }

  /** Examples {@code from} to {@code to − 1} of an order. */
  static Examples part(Examples all, int from, int to, IntUnaryOperator order) {
    return Examples.of(to - from, i -> all.get(order.applyAsInt(from + i)));
  }

  /** The fixed shuffled order of 0 … n − 1. */
  static int[] shuffled(int n) {
    int[] order = new int[n];
    Random random = new Random(SEED);
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
