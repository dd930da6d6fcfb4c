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

  private static final double LIMIT = 1e15;

  private final String title;
  private final List<Bar> bars = new ArrayList<>();
  private String xTitle = "";

  /** A bar; of no length where its value cannot be drawn. */
  record Bar(String name, double value, String label, boolean pale) {
    boolean isDrawable() {
      return value >= 0 && value <= LIMIT; // false for NaN
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

  /** Adds a bar, with its value as its label. */
  public Bars bar(String name, double value) {
    return bar(name, value, LossCurve.count(value));
  }

  /** Adds a bar with a label of its own. */
  public Bars bar(String name, double value, String label) {
    bars.add(new Bar(name, value, label, false));
    return this;
  }

  /** Adds a pale bar, for what the others are compared with. */
  public Bars pale(String name, double value) {
    bars.add(new Bar(name, value, LossCurve.count(value), true));
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
