package org.megalab.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;

/**
 * Matrices as squares of colour, side by side with one scale: row 0 is at the top, column 0 at the
 * left.
 *
 * <pre>{@code
 * HeatMap.of("Attention").x("key").y("query").panel("head 0", weights.toFloatArray(), 48).chart()
 * }</pre>
 *
 * <p>Without {@link #range} the scale holds all finite values. Values that are not finite are grey.
 * Rows and columns are counted from 0 where they have no names. A figure without any finite value
 * says so.
 */
public final class HeatMap {

  private final String title;
  private final List<Panel> panels = new ArrayList<>();
  private String xTitle = "";
  private String yTitle = "";
  private double low = Double.NaN;
  private double high = Double.NaN;
  private List<String> columnNames = List.of();
  private List<String> rowNames = List.of();
  private boolean numbers;

  /** A matrix and what stands over it. */
  static final class Panel {
    private final String name;
    private final double[][] values;

    Panel(String name, double[][] values) {
      this.name = name;
      this.values = values;
    }

    String name() {
      return name;
    }

    int rows() {
      return values.length;
    }

    int columns() {
      return rows() == 0 ? 0 : values[0].length;
    }

    double get(int row, int column) {
      return values[row][column];
    }
  }

  private HeatMap(String title) {
    this.title = title;
  }

  /** Begins a figure. */
  public static HeatMap of(String title) {
    return new HeatMap(title);
  }

  /** Names the columns. */
  public HeatMap x(String name) {
    xTitle = name;
    return this;
  }

  /** Names the rows. */
  public HeatMap y(String name) {
    yTitle = name;
    return this;
  }

  /** Names each column, such as by the values of a setting. */
  public HeatMap columns(List<String> names) {
    columnNames = List.copyOf(names);
    return this;
  }

  /** Names each row. */
  public HeatMap rows(List<String> names) {
    rowNames = List.copyOf(names);
    return this;
  }

  /** Writes the value into each cell that has room for it. */
  public HeatMap numbers() {
    numbers = true;
    return this;
  }

  /**
   * Sets the values of the palest and of the strongest colour; what is beyond has their colours.
   *
   * @throws IllegalArgumentException unless both are finite and lowest is below highest
   */
  public HeatMap range(double lowest, double highest) {
    if (!(lowest < highest) || !Double.isFinite(highest - lowest)) {
      throw new IllegalArgumentException(
          "colours cannot run from %s to %s; give a lower and a higher number"
              .formatted(lowest, highest));
    }
    low = lowest;
    high = highest;
    return this;
  }

  /**
   * Adds a matrix.
   *
   * @param name what stands over it
   * @param rows its rows
   * @throws IllegalArgumentException if the rows differ in length, or another matrix has another
   *     shape
   */
  public HeatMap panel(String name, double[][] rows) {
    Panel panel =
        new Panel(name, Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new));
    for (double[] row : rows) {
      if (row.length != panel.columns()) {
        throw new IllegalArgumentException(
            "'%s' has rows of %d and of %d values; a matrix has rows of one length"
                .formatted(name, panel.columns(), row.length));
      }
    }
    Panel first = panels.isEmpty() ? panel : panels.get(0);
    if (first.rows() != rows.length || first.columns() != panel.columns()) {
      throw new IllegalArgumentException(
          "'%s' is %d x %d and '%s' is %d x %d; matrices side by side have one shape"
              .formatted(
                  first.name, first.rows(), first.columns(), name, rows.length, panel.columns()));
    }
    panels.add(panel);
    return this;
  }

  /**
   * Adds a matrix that is given row after row, such as an array's {@code toFloatArray()}.
   *
   * @throws IllegalArgumentException if the values are not whole rows
   */
  public HeatMap panel(String name, float[] values, int columns) {
    if (columns < 1 || values.length % columns != 0) {
      throw new IllegalArgumentException(
          "'%s' has %d values, which are no rows of %d; give the length of a row"
              .formatted(name, values.length, columns));
    }
    double[][] rows = new double[values.length / columns][columns];
    for (int i = 0; i < values.length; i++) {
      rows[i / columns][i % columns] = values[i];
    }
    return panel(name, rows);
  }

  /**
   * Draws the figure.
   *
   * @throws IllegalArgumentException if there are names for some rows or columns only
   */
  public XYChart chart() {
    if (!panels.isEmpty()) {
      requireNames("row", rowNames, panels.get(0).rows());
      requireNames("column", columnNames, panels.get(0).columns());
    }
    double lowest = Double.isNaN(low) ? finite().min().orElse(0) : low;
    double highest = Double.isNaN(high) ? finite().max().orElse(1) : high;
    boolean empty = finite().findAny().isEmpty();
    CellChart chart =
        new CellChart(
            empty ? List.of() : panels,
            lowest,
            highest,
            new CellChart.Labels(rowNames, columnNames, numbers));
    chart.setTitle(title);
    chart.setXAxisTitle(xTitle);
    chart.setYAxisTitle(yTitle);
    return chart;
  }

  private static void requireNames(String what, List<String> names, int count) {
    if (!names.isEmpty() && names.size() != count) {
      throw new IllegalArgumentException(
          "%d names for %d %ss; name each or none".formatted(names.size(), count, what));
    }
  }

  private DoubleStream finite() {
    return panels.stream()
        .flatMap(panel -> Arrays.stream(panel.values))
        .flatMapToDouble(Arrays::stream)
        .filter(Double::isFinite);
  }
}
