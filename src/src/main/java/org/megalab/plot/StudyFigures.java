package org.megalab.plot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import tech.tablesaw.api.Table;

/**
 * The figures of a study's table, which has a row an arm: {@code arm}, its {@code mean} over seeds
 * and the {@code standard deviation} of that. Arms that failed have no mean; they stay in a figure
 * with names, and say so.
 *
 * <p>Every method throws an {@link IllegalArgumentException} where a table lacks a column that is
 * drawn, naming it and those that are there.
 */
public final class StudyFigures {

  private static final String ARM = "arm";
  private static final String MEAN = "mean";
  private static final String DEVIATION = "standard deviation";

  private StudyFigures() {}

  /**
   * Bits per byte of each arm, with error bars of one standard deviation where there are several
   * seeds; the dashed line is the base arm's mean, that to which the {@code difference} is 0, or
   * the first arm's where the table has no differences.
   */
  public static XYChart bitsPerByte(Table study) {
    return bitsPerByte(study, List.of()).chart();
  }

  /** The accuracy of each arm of a study of examples; the rest as in {@link #bitsPerByte}. */
  public static XYChart accuracy(Table study) {
    return means(study, Intervals.of("Accuracy").x("share of right answers")).chart();
  }

  private static Intervals means(Table study, Intervals intervals) {
    List<String> arms = Columns.texts(study, ARM);
    double[] means = Columns.numbers(study, MEAN);
    double[] deviations = Columns.numbersIfAny(study, DEVIATION);
    for (int i = 0; i < means.length; i++) {
      intervals.value(arms.get(i), means[i], means[i] - deviations[i], means[i] + deviations[i]);
    }
    return means.length > 0 ? intervals.reference(means[base(study)]) : intervals;
  }

  /** The row of the base arm. */
  private static int base(Table study) {
    double[] differences = Columns.numbersIfAny(study, "difference");
    double[] lows = Columns.numbersIfAny(study, "low");
    return IntStream.range(0, differences.length)
        .filter(row -> differences[row] == 0 && Double.isNaN(lows[row]))
        .findFirst()
        .orElse(0);
  }

  /**
   * The same with published numbers below, under a heading of their own; to be changed further
   * before it is drawn.
   */
  public static Intervals bitsPerByte(Table study, List<PublishedResult> published) {
    Intervals intervals = means(study, Intervals.of("Bits per byte").x("bits per byte"));
    if (!published.isEmpty()) {
      intervals.group("published");
      published.forEach(intervals::published);
    }
    return intervals;
  }

  /**
   * Differences to the base arm with their confidence intervals; the dashed line is no difference.
   *
   * @param difference the column of differences
   * @param low the column of the intervals' lower ends
   * @param high the column of the intervals' upper ends
   */
  public static XYChart differences(Table study, String difference, String low, String high) {
    Intervals intervals =
        Intervals.of("Difference to the base arm").x("difference in bits per byte").reference(0);
    List<String> arms = Columns.texts(study, ARM);
    double[] values = Columns.numbers(study, difference);
    double[] lows = Columns.numbers(study, low);
    double[] highs = Columns.numbers(study, high);
    for (int i = 0; i < values.length; i++) {
      intervals.value(arms.get(i), values[i], lows[i], highs[i]);
    }
    return intervals.chart();
  }

  /**
   * Bits per byte against a setting that doubles, such as a patch size, with error bars of one
   * standard deviation.
   *
   * @param setting the numeric column of the setting, which also names the axis
   */
  public static XYChart sweep(Table study, String setting) {
    return against(study, setting, order(Columns.numbers(study, setting))).doublingX().chart();
  }

  /**
   * What an arm costs and what it gets for that, such as the patch size's trade-off (Yu et al.
   * 2023, section 7): bits per byte against a cost on a logarithmic axis, with error bars of one
   * standard deviation and the arm's name beside each point, connected in the order of cost.
   *
   * @param cost the numeric column of the cost, such as FLOPs, which also names the axis
   */
  public static XYChart tradeOff(Table study, String cost) {
    int[] order = order(Columns.numbers(study, cost));
    List<String> arms = Columns.texts(study, ARM);
    return against(study, cost, order)
        .logX()
        .notes(IntStream.of(order).mapToObj(arms::get).toList())
        .chart();
  }

  /**
   * The values of a grid of two settings as a heat map: the means of rows with the same settings,
   * in the order in which settings first occur.
   *
   * @param rows the column whose values name the rows
   * @param columns the column whose values name the columns
   * @param value the numeric column that is drawn
   */
  public static XYChart grid(Table study, String rows, String columns, String value) {
    List<String> row = Columns.texts(study, rows);
    List<String> column = Columns.texts(study, columns);
    double[] values = Columns.numbers(study, value);
    List<String> down = distinct(row);
    List<String> across = distinct(column);
    double[][] sums = new double[down.size()][across.size()];
    int[][] counts = new int[down.size()][across.size()];
    for (int i = 0; i < values.length; i++) {
      int r = down.indexOf(row.get(i));
      int c = across.indexOf(column.get(i));
      if (Double.isFinite(values[i])) {
        sums[r][c] += values[i];
        counts[r][c]++;
      }
    }
    for (int r = 0; r < down.size(); r++) {
      for (int c = 0; c < across.size(); c++) {
        sums[r][c] = counts[r][c] == 0 ? Double.NaN : sums[r][c] / counts[r][c];
      }
    }
    return HeatMap.of(value.equals(MEAN) ? "Bits per byte" : value)
        .x(columns)
        .y(rows)
        .rows(down)
        .columns(across)
        .numbers()
        .panel("", sums)
        .chart();
  }

  /** The means, with their deviations, over a column, by its rising values. */
  private static Lines against(Table study, String column, int[] order) {
    return Lines.of("Bits per byte against " + column)
        .x(column)
        .y("bits per byte")
        .marks()
        .line(
            "bits per byte",
            sorted(Columns.numbers(study, column), order),
            sorted(Columns.numbers(study, MEAN), order))
        .errors(sorted(Columns.numbersIfAny(study, DEVIATION), order));
  }

  private static List<String> distinct(List<String> values) {
    return new ArrayList<>(new LinkedHashSet<>(values));
  }

  /** The rows by rising value; those without a value last. */
  private static int[] order(double[] values) {
    return Stream.iterate(0, i -> i + 1)
        .limit(values.length)
        .sorted(Comparator.comparingDouble(i -> values[i]))
        .mapToInt(i -> i)
        .toArray();
  }

  private static double[] sorted(double[] values, int[] order) {
    return IntStream.of(order).mapToDouble(i -> values[i]).toArray();
  }
}
