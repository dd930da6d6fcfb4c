package org.megalab.plot;

import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.XYChart;

/**
 * Horizontal bars from 0, one below the other, each with its name at the left and its value at its
 * end:
 *
 * <pre>{@code
 * Bars.of("Training speed").x("bytes/s").bar("megabyte", 41_000).pale("published", 36_000).chart()
 * }</pre>
 *
 * <p>A value that is negative, not finite or beyond 10¹⁵ has no bar, and its place says so. A
 * figure without any bar says that there is no data.
 */
public final class Bars {

  private final String title;
  private final List<Bar> bars = new ArrayList<>();
  private String xTitle = "";

  enum Kind {
    HEADING,
    OWN,
    PALE,
    PUBLISHED,
    UNCERTAIN
  }

  /** A bar; of no length where its value cannot be drawn. */
  record Bar(String name, double value, String label, Kind kind) implements RowChart.Row {
    @Override
    public boolean isHeading() {
      return kind == Kind.HEADING;
    }

    @Override
    public boolean isDrawable() {
      return value >= 0 && value <= Curve.LIMIT; // false for NaN
    }
  }

  private Bars(String title) {
    this.title = title;
  }

  /** Begins a figure. */
  public static Bars of(String title) {
    return new Bars(title);
  }

  /** Names what the bars measure. */
  public Bars x(String name) {
    xTitle = name;
    return this;
  }

  /** Begins a group of bars under a heading. */
  public Bars group(String heading) {
    bars.add(new Bar(heading, Double.NaN, "", Kind.HEADING));
    return this;
  }

  /** Adds a bar, with its value as its label. */
  public Bars bar(String name, double value) {
    return bar(name, value, Format.value(value));
  }

  /** Adds a bar with a label of its own. */
  public Bars bar(String name, double value, String label) {
    return add(name, value, label, Kind.OWN);
  }

  /** Adds a pale bar, for what the others are compared with. */
  public Bars pale(String name, double value) {
    return add(name, value, Format.value(value), Kind.PALE);
  }

  /**
   * Adds a published number as a pale bar that ends in a diamond, hollow where it is not printed as
   * it is; where there is no number, its place says why.
   */
  public Bars published(PublishedResult result) {
    Kind kind = result.isCertain() ? Kind.PUBLISHED : Kind.UNCERTAIN;
    String label = result.hasValue() ? Format.value(result.value()) : result.status().description();
    bars.add(new Bar(result.label(), result.value(), label, kind));
    return this;
  }

  private Bars add(String name, double value, String label, Kind kind) {
    Bar bar = new Bar(name, value, label, kind);
    bars.add(bar.isDrawable() ? bar : new Bar(name, value, "no value", kind));
    return this;
  }

  /** Draws the figure. */
  public XYChart chart() {
    XYChart chart = new BarChart(bars);
    chart.setTitle(title);
    chart.setXAxisTitle(xTitle);
    return chart;
  }
}
