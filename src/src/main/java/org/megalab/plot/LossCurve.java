package org.megalab.plot;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import tech.tablesaw.api.Table;

/**
 * Bits per byte in the course of training: for each run the training loss, pale as it is and strong
 * as a moving average, and its validation points; behind them the lines of what the text costs
 * without a model.
 *
 * <pre>{@code
 * LossCurve.of(metrics).by(LossCurve.X.BYTES).references(TextStatistics.of(books.validation()).lines()).chart()
 * }</pre>
 *
 * <p>A table of metrics has the columns {@code step}, {@code bytes}, {@code seconds} and {@code
 * flops} as far as they are drawn, {@code trainBpb} (bits per byte) or {@code trainLoss} (nats per
 * byte), and perhaps {@code validationBpb}. Values may be missing, not finite or beyond ±10¹⁵; such
 * rows are left out. A figure without any value says so.
 */
public final class LossCurve {

  /** What the horizontal axis counts. */
  public enum X {
    /** Optimizer steps. */
    STEP("step", "training step"),
    /** Bytes that the model was trained on. */
    BYTES("bytes", "bytes seen"),
    /** Time spent on training. */
    SECONDS("seconds", "training time"),
    /** Operations spent on training, where the metrics have a column {@code flops}. */
    FLOPS("flops", "training FLOPs");

    final String column;
    final String title;

    X(String column, String title) {
      this.column = column;
      this.title = title;
    }
  }

  final Map<String, Table> runs = new LinkedHashMap<>();
  final Map<String, Double> references = new LinkedHashMap<>();
  X x = X.STEP;
  String title = "Bits per byte during training";
  double beta = Double.NaN;
  double @Nullable [] yRange;

  private LossCurve() {}

  /** A figure of one run. */
  public static LossCurve of(Table metrics) {
    return new LossCurve().run("", metrics);
  }

  /** A figure to which runs are added with {@link #run}. */
  public static LossCurve empty() {
    return new LossCurve();
  }

  /**
   * Adds a run under a name, in the next colour.
   *
   * @throws IllegalArgumentException if the name is taken
   */
  public LossCurve run(String name, Table metrics) {
    if (runs.putIfAbsent(name, metrics) != null) {
      throw new IllegalArgumentException(
          "a run called '" + name + "' is drawn already; give this one another name");
    }
    return this;
  }

  /**
   * Adds a run whose metrics do not count operations, so that {@link X#FLOPS} can: its bytes times
   * what a byte costs.
   *
   * @throws IllegalArgumentException if the name is taken
   */
  public LossCurve run(String name, Table metrics, double flopsPerByte) {
    Table counted = metrics.copy();
    return run(
        name,
        counted.addColumns(
            counted.numberColumn("bytes").multiply(flopsPerByte).setName(X.FLOPS.column)));
  }

  /** Chooses the horizontal axis; without this, steps. */
  public LossCurve by(X axis) {
    x = axis;
    return this;
  }

  /** Sets the title. */
  public LossCurve title(String text) {
    title = text;
    return this;
  }

  /** Adds horizontal lines by name, in bits per byte, such as those of a text's statistics. */
  public LossCurve references(Map<String, Double> lines) {
    references.putAll(lines);
    return this;
  }

  /** Adds one horizontal line, in bits per byte. */
  public LossCurve reference(String name, double bitsPerByte) {
    references.put(name, bitsPerByte);
    return this;
  }

  /**
   * Sets β of the moving average, from 0 (none) to below 1; without this 1 − 100 / points, so that
   * about a hundredth of the run is averaged.
   *
   * @throws IllegalArgumentException if β is outside of that
   */
  public LossCurve smoothing(double newBeta) {
    if (!(newBeta >= 0 && newBeta < 1)) {
      throw new IllegalArgumentException(
          "smoothing is " + newBeta + "; it must be at least 0 and below 1, such as 0.98");
    }
    beta = newBeta;
    return this;
  }

  /**
   * Sets the vertical axis, to look closer; without this it holds the curves after their first
   * steps and every line. Lines outside are not drawn.
   *
   * @throws IllegalArgumentException unless both are finite and lowest is below highest
   */
  public LossCurve yRange(double lowest, double highest) {
    if (!(lowest < highest) || !Double.isFinite(highest - lowest)) {
      throw new IllegalArgumentException(
          "the vertical axis cannot run from %s to %s; give a lower and a higher number"
              .formatted(lowest, highest));
    }
    yRange = new double[] {lowest, highest};
    return this;
  }

  /**
   * Draws the figure.
   *
   * @throws IllegalArgumentException if a table lacks a column that is drawn, naming it and those
   *     that are there
   */
  public XYChart chart() {
    return new LossPlot(this).chart();
  }
}
