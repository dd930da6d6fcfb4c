package org.megalab.plot;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;

/** Points of one line, all finite, in the table's order. */
final class Curve {
  static final double LIMIT = 1e15; // sums and differences of such numbers can still be drawn

  private final double[] x;
  private final double[] y;

  Curve(double[] x, double[] y) {
    this.x = x;
    this.y = y;
  }

  /** The rows where both values are there, finite and of a size that can be drawn. */
  static Curve of(Table table, String xName, String yName, double yScale) {
    NumericColumn<?> xs = table.numberColumn(xName);
    NumericColumn<?> ys = table.numberColumn(yName);
    return drawable(table.rowCount(), xs::getDouble, row -> ys.getDouble(row) * yScale);
  }

  /** The points i, i < count, that are finite and of a size that can be drawn. */
  static Curve drawable(int count, IntToDoubleFunction xs, IntToDoubleFunction ys) {
    double[] x = new double[count];
    double[] y = new double[count];
    int n = 0;
    for (int i = 0; i < count; i++) {
      double xi = xs.applyAsDouble(i);
      double yi = ys.applyAsDouble(i);
      if (Math.abs(xi) <= LIMIT && Math.abs(yi) <= LIMIT) { // false for NaN
        x[n] = xi;
        y[n++] = yi;
      }
    }
    return new Curve(Arrays.copyOf(x, n), Arrays.copyOf(y, n));
  }

  double[] x() {
    return x;
  }

  double[] y() {
    return y;
  }

  int size() {
    return x.length;
  }

  boolean isEmpty() {
    return x.length == 0;
  }

  double lastY() {
    return y[y.length - 1];
  }

  /** The same points with x counted in another unit. */
  Curve per(double unit) {
    return new Curve(Arrays.stream(x).map(value -> value / unit).toArray(), y);
  }

  /**
   * Exponential moving average with bias correction: m_t = β m_{t−1} + (1 − β) y_t, drawn as m_t /
   * (1 − β^t), so that it starts at the first value and not at 0.
   */
  Curve smoothed(double beta) {
    double[] smooth = new double[y.length];
    double mean = 0;
    double weight = 0;
    for (int i = 0; i < y.length; i++) {
      mean = beta * mean + (1 - beta) * y[i];
      weight = beta * weight + (1 - beta);
      smooth[i] = mean / weight;
    }
    return new Curve(x, smooth);
  }

  /**
   * At most about 2·buckets points: the lowest and the highest of each run of neighbours, in their
   * order.
   */
  Curve thinned(int buckets) {
    if (size() <= 2 * buckets) {
      return this;
    }
    double[] tx = new double[2 * buckets];
    double[] ty = new double[2 * buckets];
    for (int b = 0; b < buckets; b++) {
      int from = (int) ((long) b * size() / buckets);
      int to = (int) ((long) (b + 1) * size() / buckets);
      int low = from;
      int high = from;
      for (int i = from; i < to; i++) {
        low = y[i] < y[low] ? i : low;
        high = y[i] > y[high] ? i : high;
      }
      int first = Math.min(low, high);
      int second = Math.max(low, high);
      tx[2 * b] = x[first];
      ty[2 * b] = y[first];
      tx[2 * b + 1] = x[second];
      ty[2 * b + 1] = y[second];
    }
    return new Curve(tx, ty);
  }
}
