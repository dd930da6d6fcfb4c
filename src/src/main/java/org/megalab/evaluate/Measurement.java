package org.megalab.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Times that the same work took.
 *
 * <p>The median stands for them: what else the machine does makes a few of them longer, and the
 * mean would follow those. The extremes tell how far to trust it.
 *
 * @param seconds the times, in the order in which they were taken
 */
public record Measurement(List<Double> seconds) {

  /** Nothing was measured. */
  public static final Measurement NONE = new Measurement(List.of());

  /** Copies the list. */
  public Measurement {
    seconds = List.copyOf(seconds);
  }

  /** Returns the times of some things, taken from each. */
  public static <T> Measurement of(List<T> things, ToDoubleFunction<T> seconds) {
    return new Measurement(things.stream().map(each -> seconds.applyAsDouble(each)).toList());
  }

  /** Returns the seconds in the middle; NaN where nothing was measured. */
  public double median() {
    double[] sorted = sorted();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  /** Returns the shortest; NaN where nothing was measured. */
  public double min() {
    return seconds.isEmpty() ? Double.NaN : sorted()[0];
  }

  /** Returns the longest; NaN where nothing was measured. */
  public double max() {
    return seconds.isEmpty() ? Double.NaN : sorted()[seconds.size() - 1];
  }

  private double[] sorted() {
    double[] sorted = new double[seconds.size()];
    Arrays.setAll(sorted, seconds::get);
    Arrays.sort(sorted);
    return sorted;
  }
}
