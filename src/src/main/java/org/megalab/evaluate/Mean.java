package org.megalab.evaluate;

/**
 * A mean cost over groups of unequal size, and its standard error, where the costs within a group
 * depend on each other and those of different groups do not.
 *
 * <pre>
 * mean = Σ s_i / Σ n_i
 * SE²  = k / (k − 1) · Σ (s_i − mean · n_i)² / (Σ n_i)²        k groups; sd / √k where n_i are equal
 * </pre>
 */
final class Mean {
  private int groups;
  private long count;
  private double sum;
  private double squares;
  private double products;
  private double sizes;

  /** Adds a group of n costs with a sum. */
  void add(double groupSum, long n) {
    groups++;
    count += n;
    sum += groupSum;
    squares += groupSum * groupSum;
    products += groupSum * n;
    sizes += (double) n * n;
  }

  int groups() {
    return groups;
  }

  long count() {
    return count;
  }

  /** The mean; NaN of nothing. */
  double value() {
    return sum / count;
  }

  /** The standard error of the mean; NaN for fewer than two groups. */
  double standardError() {
    if (groups < 2) {
      return Double.NaN;
    }
    double mean = value();
    double residuals = Math.max(0, squares - 2 * mean * products + mean * mean * sizes);
    return Math.sqrt(residuals * groups / (groups - 1.0)) / count;
  }
}
