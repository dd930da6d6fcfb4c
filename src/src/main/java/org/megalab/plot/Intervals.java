package org.megalab.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;

/**
 * Values with error bars, one below the other, on an axis that need not begin at 0:
 *
 * <pre>{@code
 * Intervals.of("Patch size").x("bits per byte").value("P = 4", 2.41, 2.39, 2.43).value("P = 8", 2.52, 2.50, 2.54).chart()
 * }</pre>
 *
 * <p>A value without an error has a mark only. What is not finite or beyond ±10¹⁵ has no mark, and
 * its place says so. A figure without any value says that there is no data.
 */
public final class Intervals {

  private final String title;
  private final List<Interval> intervals = new ArrayList<>();
  private String xTitle = "";
  private double reference = Double.NaN;
  private boolean logX;

  enum Kind {
    HEADING,
    OWN,
    PUBLISHED,
    UNCERTAIN
  }

  /** A value and its error bar; {@code low} and {@code high} are the value where there is none. */
  record Interval(String name, double value, double low, double high, String label, Kind kind)
      implements RowChart.Row {
    @Override
    public boolean isHeading() {
      return kind == Kind.HEADING;
    }

    @Override
    public boolean isDrawable() {
      return Math.abs(value) <= Curve.LIMIT; // false for NaN
    }
  }

  private Intervals(String title) {
    this.title = title;
  }

  /** Begins a figure. */
  public static Intervals of(String title) {
    return new Intervals(title);
  }

  /** Names what is measured. */
  public Intervals x(String name) {
    xTitle = name;
    return this;
  }

  /** Makes the axis logarithmic, where all values are positive and span a factor of ten. */
  public Intervals logX() {
    logX = true;
    return this;
  }

  /** Draws a dashed line through all rows, such as at the base arm's value. */
  public Intervals reference(double value) {
    reference = value;
    return this;
  }

  /** Begins a group under a heading. */
  public Intervals group(String heading) {
    intervals.add(new Interval(heading, Double.NaN, Double.NaN, Double.NaN, "", Kind.HEADING));
    return this;
  }

  /** Adds a value without an error bar. */
  public Intervals value(String name, double value) {
    return value(name, value, value, value);
  }

  /** Adds a value whose error bar goes from {@code low} to {@code high}, where these are finite. */
  public Intervals value(String name, double value, double low, double high) {
    boolean drawable = Math.abs(value) <= Curve.LIMIT;
    boolean spread = high > low && Math.abs(low) <= Curve.LIMIT && Math.abs(high) <= Curve.LIMIT;
    String error = spread ? "  ± " + number((high - low) / 2) : "";
    String label = drawable ? number(value) + error : "no value";
    intervals.add(
        new Interval(name, value, spread ? low : value, spread ? high : value, label, Kind.OWN));
    return this;
  }

  /**
   * Adds a published number as a diamond, hollow where it is not printed as it is; where there is
   * no number, its place says why.
   */
  public Intervals published(PublishedResult result) {
    return published(result.label(), result);
  }

  /** The same under a name of its own, such as the number's conditions. */
  public Intervals published(String name, PublishedResult result) {
    double value = result.value();
    intervals.add(
        new Interval(
            name,
            value,
            value,
            value,
            result.hasValue() ? number(value) : result.status().description(),
            result.isCertain() ? Kind.PUBLISHED : Kind.UNCERTAIN));
    return this;
  }

  private static String number(double value) {
    return Math.abs(value) >= 1000
        ? Format.count(value)
        : String.format(Locale.ENGLISH, Math.abs(value) >= 10 ? "%.2f" : "%.4f", value);
  }

  /** Draws the figure. */
  public XYChart chart() {
    XYChart chart =
        new IntervalChart(
            intervals, Math.abs(reference) <= Curve.LIMIT ? reference : Double.NaN, logX);
    chart.setTitle(title);
    chart.setXAxisTitle(xTitle);
    return chart;
  }

  /** All that the axis holds. */
  static DoubleStream ends(List<Interval> intervals, double reference) {
    return DoubleStream.concat(
            intervals.stream()
                .filter(Interval::isDrawable)
                .flatMapToDouble(i -> DoubleStream.of(i.low, i.value, i.high)),
            DoubleStream.of(reference))
        .filter(Double::isFinite);
  }
}
