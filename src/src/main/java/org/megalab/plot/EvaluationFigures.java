package org.megalab.plot;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import tech.tablesaw.api.Table;

/**
 * The figures of the papers from the tables of evaluations: one line or bar a model. Values that
 * are missing are left out; a figure without any value says so.
 *
 * <pre>{@code
 * EvaluationFigures.context(Map.of("megalodon", curve.table()), "perplexity")
 * }</pre>
 *
 * <p>Every method throws an {@link IllegalArgumentException} where a table lacks a column that is
 * drawn, naming it and those that are there.
 */
public final class EvaluationFigures {

  private EvaluationFigures() {}

  /**
   * Cost against the length of the context, which doubles (Ma et al. 2024, section 4.3).
   *
   * @param curves tables with {@code context} and the column that is drawn, by model
   * @param column {@code perplexity}, {@code word perplexity} or {@code bits per byte}
   */
  public static XYChart context(Map<String, Table> curves, String column) {
    Lines lines =
        Lines.of(title(column) + " against context")
            .x("context in bytes")
            .y(column)
            .doublingX()
            .marks();
    curves.forEach(
        (name, table) ->
            lines.line(name, Columns.numbers(table, "context"), Columns.numbers(table, column)));
    return lines.chart();
  }

  /**
   * Cost against the position in the context, counted from 1 on an axis that doubles, with pale
   * lines at one standard error (Yu et al. 2023, section 8).
   *
   * @param losses tables with {@code from}, {@code to}, {@code bits per byte} and {@code standard
   *     error}, by model
   */
  public static XYChart position(Map<String, Table> losses) {
    Lines lines =
        Lines.of("Loss against position in the context")
            .x("position in the context")
            .y("bits per byte")
            .doublingX();
    return withErrors(lines, losses, 1);
  }

  /**
   * Cost against the position in the patch, counted from 0, with pale lines at one standard error.
   *
   * @param losses tables as those of {@link #position}, by model
   */
  public static XYChart patch(Map<String, Table> losses) {
    Lines lines =
        Lines.of("Loss against position in the patch")
            .x("position in the patch")
            .y("bits per byte")
            .marks();
    return withErrors(lines, losses, 0);
  }

  private static XYChart withErrors(Lines lines, Map<String, Table> losses, int first) {
    losses.forEach(
        (name, table) -> {
          double[] from = Columns.numbers(table, "from");
          double[] to = Columns.numbers(table, "to");
          double[] middle = each(from.length, i -> (from[i] + to[i] - 1) / 2 + first);
          double[] bits = Columns.numbers(table, "bits per byte");
          double[] error = Columns.numbers(table, "standard error");
          lines.line(name, middle, bits);
          lines.pale(name + " − error", middle, each(bits.length, i -> bits[i] - error[i]));
          lines.pale(name + " + error", middle, each(bits.length, i -> bits[i] + error[i]));
        });
    return lines.chart();
  }

  /**
   * FLOPs a byte against the context (Yu et al. 2023, figure 3).
   *
   * @param costs a table with {@code model}, {@code context} and {@code forward FLOPs/byte}
   */
  public static XYChart cost(Table costs) {
    Lines lines =
        Lines.of("Cost against context")
            .x("context in bytes")
            .y("forward FLOPs a byte")
            .doublingX()
            .logY()
            .marks();
    List<String> models = Columns.texts(costs, "model");
    for (String model : new LinkedHashSet<>(models)) {
      Table rows = costs.where(costs.stringColumn("model").isEqualTo(model));
      lines.line(
          model, Columns.numbers(rows, "context"), Columns.numbers(rows, "forward FLOPs/byte"));
    }
    return lines.chart();
  }

  /**
   * The speed of training, with its share of the device's peak where that is known; under a heading
   * for each length of context where the table has several.
   *
   * @param measurements a table with {@code model}, {@code bytes/s} and {@code utilisation}, and
   *     perhaps {@code length}
   */
  public static XYChart throughput(Table measurements) {
    Bars bars = Bars.of("Training throughput").x("bytes/s");
    List<String> models = Columns.texts(measurements, "model");
    double[] speed = Columns.numbers(measurements, "bytes/s");
    double[] share = Columns.numbers(measurements, "utilisation");
    byLength(
        bars,
        measurements,
        i -> {
          String peak = String.format(Locale.ENGLISH, ", %.3g %% of peak", 100 * share[i]);
          String label = Format.value(speed[i]) + (Double.isNaN(share[i]) ? "" : peak);
          bars.bar(models.get(i), speed[i], label);
        });
    return bars.chart();
  }

  /**
   * The speed of training as multiples of one model's at the longest length, and below what was
   * published in that form (Ma et al. 2024, figure 3b: 4 K and 32 K).
   *
   * @param measurements a table with {@code model}, {@code length} and {@code bytes/s}
   * @param base the model that counts as 1 at the longest length
   * @param published perhaps {@code PublishedResults.all().metric("relative speed").where("table",
   *     "3.2").list()}
   */
  public static XYChart relativeThroughput(
      Table measurements, String base, List<PublishedResult> published) {
    Bars bars =
        Bars.of("Relative training throughput").x("multiple of " + base + " at the longest length");
    List<String> models = Columns.texts(measurements, "model");
    double[] speed = Columns.numbers(measurements, "bytes/s");
    double[] lengths = Columns.numbers(measurements, "length");
    double longest = Arrays.stream(lengths).max().orElse(Double.NaN);
    double one =
        IntStream.range(0, speed.length)
            .filter(i -> models.get(i).equals(base) && lengths[i] == longest)
            .mapToDouble(i -> speed[i])
            .findFirst()
            .orElse(Double.NaN);
    byLength(
        bars,
        measurements,
        i -> bars.bar(models.get(i), speed[i] / one, Format.value(speed[i] / one) + " ×"));
    publish(published, bars::group, bars::published);
    return bars.chart();
  }

  private static void byLength(Bars bars, Table table, IntConsumer row) {
    double[] lengths = Columns.numbersIfAny(table, "length");
    double[] distinct = Arrays.stream(lengths).distinct().sorted().toArray();
    for (double length : distinct) {
      if (distinct.length > 1) {
        bars.group("context of " + LabelledChart.thousands(length));
      }
      IntStream.range(0, lengths.length)
          .filter(i -> Double.compare(lengths[i], length) == 0)
          .forEach(row);
    }
  }

  /**
   * Memory against length, which doubles: of a training step, or of a stream's state.
   *
   * @param measurements tables by model
   * @param length the column of lengths in bytes: {@code length} of training, {@code bytes} of
   *     streams
   * @param mebibytes the column of memory: {@code peak MiB} or {@code state MiB}
   */
  public static XYChart memory(Map<String, Table> measurements, String length, String mebibytes) {
    Lines lines =
        Lines.of("Memory against length").x("length in bytes").y(mebibytes).doublingX().marks();
    measurements.forEach(
        (name, table) ->
            lines.line(name, Columns.numbers(table, length), Columns.numbers(table, mebibytes)));
    return lines.chart();
  }

  /**
   * The perplexity of words of each row, and below what was published, on an axis that is
   * logarithmic where they span a factor of ten.
   *
   * @param perplexities a table with {@code model} or {@code document}, and {@code word perplexity}
   * @param published perhaps {@code PublishedResults.all().task("PG-19 test").where("table",
   *     "4.3").list()}
   */
  public static XYChart wordPerplexity(Table perplexities, List<PublishedResult> published) {
    Intervals rows = Intervals.of("Perplexity of words").x("word perplexity").logX();
    String key = perplexities.containsColumn("model") ? "model" : "document";
    List<String> names = Columns.texts(perplexities, key);
    double[] values = Columns.numbers(perplexities, "word perplexity");
    for (int i = 0; i < values.length; i++) {
      rows.value(names.get(i), values[i]);
    }
    publish(published, rows::group, rows::published);
    return rows.chart();
  }

  /** Adds published numbers under a heading for each task. */
  private static void publish(
      List<PublishedResult> published, Consumer<String> group, Consumer<PublishedResult> add) {
    for (String task : new LinkedHashSet<>(published.stream().map(p -> p.task()).toList())) {
      group.accept("published: " + task);
      published.stream().filter(result -> result.task().equals(task)).forEach(add);
    }
  }

  private static double[] each(int count, IntToDoubleFunction value) {
    return IntStream.range(0, count).mapToDouble(value).toArray();
  }

  private static String title(String column) {
    return column.substring(0, 1).toUpperCase(Locale.ROOT) + column.substring(1);
  }
}
