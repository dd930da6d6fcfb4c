package org.megalab.plot;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import tech.tablesaw.api.Table;

/**
 * What goes on inside of a model: moving averages, norms, attention and gradients. Values that are
 * missing are left out; a figure without any value says so.
 */
public final class LayerFigures {

  private static final int FREQUENCIES = 256;

  private LayerFigures() {}

  /**
   * What channels of a moving average make of an impulse (Ma et al. 2024, section 3.1).
   *
   * @param kernels the response at each step, by channel
   */
  public static XYChart impulseResponses(Map<String, double[]> kernels) {
    Lines lines = Lines.of("Impulse responses").x("steps after the impulse").y("response");
    kernels.forEach(lines::line);
    return lines.chart();
  }

  /**
   * The gains of channels at each frequency, |Σ_j k_j e^(−2πi f j)| for f from 0 to half a cycle a
   * step.
   *
   * @param kernels the response to an impulse at each step, by channel
   */
  public static XYChart frequencyResponses(Map<String, double[]> kernels) {
    Lines lines = Lines.of("Frequency responses").x("cycles a step").y("gain");
    double[] frequencies = new double[FREQUENCIES + 1];
    Arrays.setAll(frequencies, i -> 0.5 * i / FREQUENCIES);
    kernels.forEach((name, kernel) -> lines.line(name, frequencies, gain(kernel, frequencies)));
    return lines.chart();
  }

  /** |Σ_j k_j e^(−2πi f j)| for each f; NaN where there is no kernel. */
  static double[] gain(double[] kernel, double[] frequencies) {
    return Arrays.stream(frequencies)
        .map(
            f -> {
              double re = 0;
              double im = 0;
              for (int j = 0; j < kernel.length; j++) {
                re += kernel[j] * Math.cos(2 * Math.PI * f * j);
                im += kernel[j] * Math.sin(2 * Math.PI * f * j);
              }
              return kernel.length == 0 ? Double.NaN : Math.hypot(re, im);
            })
        .toArray();
  }

  /**
   * What norms subtract or divide by at each step.
   *
   * @param statistics the values at steps 0, 1, …, by norm
   * @param statistic what they are, such as {@code mean} or {@code standard deviation}
   */
  public static XYChart normStatistics(Map<String, double[]> statistics, String statistic) {
    Lines lines = Lines.of("Statistics of norms: " + statistic).x("step").y(statistic);
    statistics.forEach(lines::line);
    return lines.chart();
  }

  /**
   * Who attends to whom: maps side by side with one scale, the queries from top to bottom. The
   * scale ends where 98 % of the weights that are not 0 are below; what is beyond has the strongest
   * colour.
   *
   * @param weights square matrices row after row, by name
   * @throws IllegalArgumentException if a matrix is not square, or they differ in size
   */
  public static XYChart attention(Map<String, float[]> weights) {
    HeatMap map = HeatMap.of("Attention weights").x("key").y("query");
    double[] positive =
        weights.values().stream()
            .flatMapToDouble(w -> IntStream.range(0, w.length).mapToDouble(i -> w[i]))
            .filter(w -> w > 0 && Double.isFinite(w))
            .sorted()
            .toArray();
    if (positive.length > 0) {
      map.range(0, positive[(int) (0.98 * (positive.length - 1))]);
    }
    weights.forEach(
        (name, values) -> {
          int side = (int) Math.rint(Math.sqrt(values.length));
          if (side * side != values.length) {
            throw new IllegalArgumentException(
                "'%s' has %d weights, which are no square; give one matrix (T, T)"
                    .formatted(name, values.length));
          }
          map.panel(name, values, Math.max(1, side));
        });
    return map.chart();
  }

  /**
   * The size of gradients layer by layer, on a logarithmic axis.
   *
   * @param gradients tables with {@code layer} and {@code gradient norm}, by name; layers stand in
   *     the order in which they first occur
   * @throws IllegalArgumentException if a table lacks a column, naming it and those that are there
   */
  public static XYChart gradientNorms(Map<String, Table> gradients) {
    Set<String> layers = new LinkedHashSet<>();
    gradients.values().forEach(table -> layers.addAll(Columns.texts(table, "layer")));
    List<String> order = List.copyOf(layers);
    Lines lines =
        Lines.of("Gradients by layer").x("layer").y("norm of the gradient").logY().marks();
    gradients.forEach(
        (name, table) -> {
          double[] at =
              Columns.texts(table, "layer").stream().mapToDouble(order::indexOf).toArray();
          lines.line(name, at, Columns.numbers(table, "gradient norm"));
        });
    return lines.categories(order).chart();
  }
}
