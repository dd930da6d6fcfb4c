package org.megalab.experiment;

import java.util.Arrays;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * A mean of a few numbers and how sure it is.
 *
 * <pre>
 * mean   m = Σ x / n
 * spread s = √(Σ (x − m)² / (n − 1))
 * 95 % confidence interval of the mean   m ± t(0.975, n − 1) s / √n       (Student 1908)
 * of the difference of two means         m₁ − m₂ ± t(0.975, ν) √(s₁²/n₁ + s₂²/n₂)
 *   ν = (s₁²/n₁ + s₂²/n₂)² / ((s₁²/n₁)² / (n₁ − 1) + (s₂²/n₂)² / (n₂ − 1))  (Welch 1947)
 * </pre>
 *
 * <p>Arms that were run with the same seeds saw the same batches: their differences seed by seed,
 * as one row of numbers, are surer than the difference of their means. The common mistake is to
 * take the spread for the interval: the spread of three seeds says how far another run may fall,
 * not how well the mean is known. The next is to read many intervals as one: of twenty arms that
 * change nothing, one is expected to have an interval without 0.
 *
 * @param count n
 * @param mean m; NaN of nothing
 * @param standardDeviation s; NaN of less than two
 * @param low where the interval begins; NaN of less than two
 * @param high where it ends
 */
record Estimate(int count, double mean, double standardDeviation, double low, double high) {

  private static final double QUANTILE = 0.975;

  /** The estimate of a mean. */
  static Estimate of(double... values) {
    int n = values.length;
    double mean = Arrays.stream(values).sum() / n;
    double squares = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
    double deviation = n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1));
    return within(n, mean, deviation, deviation / Math.sqrt(n), n - 1.0);
  }

  /** The difference {@code values} − {@code base} of numbers that belong together one by one. */
  static Estimate paired(double[] values, double[] base) {
    double[] differences = new double[values.length];
    Arrays.setAll(differences, i -> values[i] - base[i]);
    return of(differences);
  }

  /** The difference {@code values} − {@code base} of the means of numbers that do not. */
  static Estimate unpaired(double[] values, double[] base) {
    Estimate a = of(values);
    Estimate b = of(base);
    double va = a.standardDeviation * a.standardDeviation / a.count;
    double vb = b.standardDeviation * b.standardDeviation / b.count;
    double freedom = (va + vb) * (va + vb) / (va * va / (a.count - 1) + vb * vb / (b.count - 1));
    double error = Math.sqrt(va + vb);
    return within(
        Math.min(a.count, b.count), a.mean - b.mean, Double.NaN, error, error > 0 ? freedom : 1);
  }

  private static Estimate within(
      int count, double mean, double deviation, double error, double freedom) {
    if (Double.isNaN(error)) {
      return new Estimate(count, mean, deviation, Double.NaN, Double.NaN);
    }
    double reach = quantile(freedom) * error;
    return new Estimate(count, mean, deviation, mean - reach, mean + reach);
  }

  /** t(0.975, ν), the point that Student's t is below with a probability of 97.5 %. */
  static double quantile(double freedom) {
    return new TDistribution(null, freedom).inverseCumulativeProbability(QUANTILE);
  }
}
