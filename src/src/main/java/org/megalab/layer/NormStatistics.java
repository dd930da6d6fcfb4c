package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;

/**
 * What a norm subtracts and divides by at each step, for looking at: μ_t and σ_t in y_t,f = (x_t,f
 * − μ_t) / σ_t, which follow from two inputs of a step and what became of them. T length, D model
 * dimension, f a feature.
 *
 * <p>The norm must have one group and its first weights, which change nothing; a norm that does not
 * subtract a mean, such as {@link RmsNorm}, has means of 0.
 */
public final class NormStatistics {

  private final double[] means;
  private final double[] deviations;

  private NormStatistics(double[] means, double[] deviations) {
    this.means = means;
    this.deviations = deviations;
  }

  /**
   * Runs a norm.
   *
   * @param norm not initialised yet
   * @param x (1, T, D)
   * @throws IllegalArgumentException if x is of another shape
   */
  public static NormStatistics of(SequenceLayer norm, NDArray x) {
    if (x.getShape().dimension() != 3 || x.getShape().get(0) != 1 || x.getShape().get(2) < 2) {
      throw new IllegalArgumentException(
          "statistics follow from one sequence (1, T, D) of at least two features; got "
              + x.getShape());
    }
    try (NDManager scratch = x.getManager().newSubManager()) {
      NDArray wide = x.toType(DataType.FLOAT64, true); // (1, T, D)
      wide.attach(scratch);
      norm.initialize(scratch, DataType.FLOAT64, wide.getShape());
      NDArray y = norm.forward(new ParameterStore(scratch, false), wide, false); // (1, T, D)
      int[] features = {2};
      double[] high = wide.max(features).toDoubleArray(); // (T)
      double[] low = wide.min(features).toDoubleArray();
      double[] top = y.max(features).toDoubleArray();
      double[] bottom = y.min(features).toDoubleArray();
      double[] means = new double[high.length];
      double[] deviations = new double[high.length];
      for (int t = 0; t < high.length; t++) {
        deviations[t] = (high[t] - low[t]) / (top[t] - bottom[t]);
        means[t] = high[t] - deviations[t] * top[t];
      }
      return new NormStatistics(means, deviations);
    }
  }

  /** Returns μ of each step; NaN where all features of a step are equal. */
  public double[] means() {
    return means.clone();
  }

  /**
   * Returns σ of each step, with the norm's ε in it; NaN where all features of a step are equal.
   */
  public double[] deviations() {
    return deviations.clone();
  }
}
