package org.megalab.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;

/**
 * Lines over an index or over given positions, each with a name in the legend:
 *
 * <pre>{@code
 * Lines.of("Impulse responses").x("steps after the impulse").y("response").line("channel 0", kernel).chart()
 * }</pre>
 *
 * <p>Points that are not finite or beyond ±10¹⁵ are left out, on a logarithmic axis also those that
 * are not positive. A line of one point is a mark; a figure without any point says so.
 */
public final class Lines {

  final String title;
  final List<Line> lines = new ArrayList<>();
  String xTitle = "";
  String yTitle = "";
  boolean logX;
  boolean logY;
  boolean doublingX;
  boolean marks;
  List<String> categories = List.of();

  /** How a line is drawn. */
  enum Kind {
    SOLID,
    PALE,
    PUBLISHED,
    UNCERTAIN
  }

  /** Points as they were given. */
  static final class Line {
    final String name;
    final Kind kind;
    final int color;
    final double[] x;
    final double[] y;
    private double[] errors = new double[0];
    private List<String> notes = List.of();

    private Line(String name, Kind kind, int color, double[] x, double[] y) {
      this.name = name;
      this.kind = kind;
      this.color = color;
      this.x = x.clone();
      this.y = y.clone();
    }

    /** Half the length of a point's error bar; NaN where there is none. */
    double error(int i) {
      return i < errors.length ? errors[i] : Double.NaN;
    }

    boolean isPublished() {
      return kind == Kind.PUBLISHED || kind == Kind.UNCERTAIN;
    }

    boolean hasNotes() {
      return !notes.isEmpty();
    }

    /** What stands beside a point; empty where nothing does. */
    String note(int i) {
      return i < notes.size() ? notes.get(i) : "";
    }
  }

  private Lines(String title) {
    this.title = title;
  }

  /** Begins a figure. */
  public static Lines of(String title) {
    return new Lines(title);
  }

  /** Names the horizontal axis. */
  public Lines x(String name) {
    xTitle = name;
    return this;
  }

  /** Names the vertical axis. */
  public Lines y(String name) {
    yTitle = name;
    return this;
  }

  /** Makes the horizontal axis logarithmic, where the positions span a factor of ten. */
  public Lines logX() {
    logX = true;
    return this;
  }

  /**
   * Makes the horizontal axis logarithmic with marks at powers of two, such as 4 K for 4096; the
   * chart's series hold the base-2 logarithms of the positions.
   */
  public Lines doublingX() {
    doublingX = true;
    return this;
  }

  /** Marks the points of the lines that are not pale. */
  public Lines marks() {
    marks = true;
    return this;
  }

  /** Names the positions 0, 1, … of the horizontal axis. */
  public Lines categories(List<String> names) {
    categories = List.copyOf(names);
    return this;
  }

  /** Makes the vertical axis logarithmic, where the values span a factor of ten. */
  public Lines logY() {
    logY = true;
    return this;
  }

  /** Adds a line over the index 0, 1, …, such as an array's {@code toFloatArray()}. */
  public Lines line(String name, float[] y) {
    double[] values = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      values[i] = y[i];
    }
    return line(name, values);
  }

  /** Adds a line over the index 0, 1, …. */
  public Lines line(String name, double[] y) {
    return line(name, DoubleStream.iterate(0, i -> i + 1).limit(y.length).toArray(), y);
  }

  /**
   * Adds a line.
   *
   * @param name what the legend says
   * @param x the positions, in any order
   * @param y the values there
   * @throws IllegalArgumentException if the name is taken, or the arrays differ in length
   */
  public Lines line(String name, double[] x, double[] y) {
    return add(name, x, y, Kind.SOLID);
  }

  /**
   * Adds a pale line in the colour of the line before it and without a place in the legend, for
   * what that is compared with; the rest as in {@link #line(String, double[], double[])}.
   */
  public Lines pale(String name, double[] x, double[] y) {
    return add(name, x, y, Kind.PALE);
  }

  /**
   * Gives the points of the line that was added last error bars.
   *
   * @param halves half their lengths, such as standard deviations; NaN for none
   * @throws IllegalArgumentException if there is no line, or not one error a point
   */
  public Lines errors(double[] halves) {
    Line line = last(halves.length, "errors");
    line.errors = halves.clone();
    return this;
  }

  /**
   * Writes beside the points of the line that was added last.
   *
   * @throws IllegalArgumentException if there is no line, or not one text a point
   */
  public Lines notes(List<String> texts) {
    Line line = last(texts.size(), "notes");
    line.notes = List.copyOf(texts);
    return this;
  }

  private Line last(int count, String what) {
    if (lines.isEmpty() || lines.get(lines.size() - 1).x.length != count) {
      throw new IllegalArgumentException(
          "%d %s for a line of %d points; add the line first, and give one a point"
              .formatted(count, what, lines.isEmpty() ? 0 : lines.get(lines.size() - 1).x.length));
    }
    return lines.get(lines.size() - 1);
  }

  /**
   * Adds published numbers as diamonds without a line, hollow where a number is not printed as it
   * is; numbers that are not reported are left out.
   *
   * @param name what the legend says
   * @param x their positions
   * @param y the numbers
   * @throws IllegalArgumentException as {@link #line(String, double[], double[])}
   */
  public Lines published(String name, double[] x, List<PublishedResult> y) {
    add(name, x, values(y, true), Kind.PUBLISHED);
    double[] uncertain = values(y, false);
    return Arrays.stream(uncertain).allMatch(Double::isNaN)
        ? this
        : add(name + " (uncertain)", x, uncertain, Kind.UNCERTAIN);
  }

  private static double[] values(List<PublishedResult> results, boolean certain) {
    return results.stream()
        .mapToDouble(result -> result.isCertain() == certain ? result.value() : Double.NaN)
        .toArray();
  }

  private Lines add(String name, double[] x, double[] y, Kind kind) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "the line '%s' has %d positions and %d values; give one value a position"
              .formatted(name, x.length, y.length));
    }
    if (lines.stream().anyMatch(line -> line.name.equals(name))) {
      throw new IllegalArgumentException(
          "a line called '" + name + "' is drawn already; give this one another name");
    }
    int before = lines.isEmpty() ? -1 : lines.get(lines.size() - 1).color;
    boolean sameColor = kind == Kind.PALE || kind == Kind.UNCERTAIN;
    lines.add(new Line(name, kind, sameColor ? Math.max(0, before) : before + 1, x, y));
    return this;
  }

  /** Draws the figure. */
  public XYChart chart() {
    return new LinePlot(this).chart();
  }
}
