package org.megalab.experiment;

import com.google.gson.JsonElement;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

/** The table of a study's arms; {@link StudyResult#table} has its columns. */
final class StudyTable {

  private static final String SIGNED = "+0.0000;-0.0000";

  private final Study study;
  private final Map<String, Outcome> outcomes;
  private final ToDoubleFunction<Outcome> value;

  private final StringColumn arm = StringColumn.create("arm");
  private final LongColumn parameters = LongColumn.create("parameters");
  private final DoubleColumn flops = column("FLOPs", "0.00E0");
  private final IntColumn seeds = IntColumn.create("seeds");
  private final DoubleColumn mean = column("mean", "0.0000");
  private final DoubleColumn deviation = column("standard deviation", "0.0000");
  private final DoubleColumn difference = column("difference", SIGNED);
  private final DoubleColumn low = column("low", SIGNED);
  private final DoubleColumn high = column("high", SIGNED);
  private final StringColumn error = StringColumn.create("error");

  StudyTable(Study study, Map<String, Outcome> outcomes, ToDoubleFunction<Outcome> value) {
    this.study = study;
    this.outcomes = outcomes;
    this.value = value;
    Map<Long, Outcome> base = succeeded(study.baseArm());
    for (Arm row : study.arms()) {
      append(row.name(), succeeded(row.name()), base);
    }
  }

  private void append(String name, Map<Long, Outcome> good, Map<Long, Outcome> base) {
    Estimate estimate = Estimate.of(values(good, good.keySet().stream().toList()));
    arm.append(name);
    appendSize(trial(name));
    append(flops, flops(trial(name), good));
    seeds.append(estimate.count());
    append(mean, estimate.mean());
    append(deviation, estimate.standardDeviation());
    if (name.equals(study.baseArm())) {
      append(difference, good.isEmpty() ? Double.NaN : 0);
      low.appendMissing();
      high.appendMissing();
    } else {
      Estimate to = difference(good, base);
      append(difference, to.mean());
      append(low, to.low());
      append(high, to.high());
    }
    error.append(error(name));
  }

  /** The table, with a column for the value of each key. */
  Table table(String title, String... keys) {
    Table table = Table.create(title, arm);
    for (String key : keys) {
      table.addColumns(settings(key));
    }
    return table.addColumns(
        parameters, flops, seeds, mean, deviation, difference, low, high, error);
  }

  /** Whole numbers, numbers or texts: what the arms' trials have at a key. */
  private Column<?> settings(String key) {
    List<@Nullable String> texts = new ArrayList<>();
    for (Arm row : study.arms()) {
      Trial trial = trial(row.name());
      JsonElement setting = trial == null ? null : Grid.setting(trial, key);
      texts.add(setting == null ? null : Grid.label(setting));
    }
    DoubleColumn numbers = DoubleColumn.create(key);
    LongColumn whole = LongColumn.create(key);
    try {
      for (String text : texts) {
        append(numbers, text == null ? Double.NaN : Double.parseDouble(text));
      }
      for (String text : texts) {
        if (text == null) {
          whole.appendMissing();
        } else {
          whole.append(Long.parseLong(text));
        }
      }
      return whole;
    } catch (NumberFormatException notWhole) {
      return numbers.size() == texts.size()
          ? numbers
          : StringColumn.create(key, texts.stream().map(t -> t == null ? "" : t).toList());
    }
  }

  /** The runs of an arm that went well, by their seeds. */
  private Map<Long, Outcome> succeeded(String name) {
    Map<Long, Outcome> found = new LinkedHashMap<>();
    for (StudyRun run : study.runs()) {
      Outcome outcome = outcomes.get(run.name());
      if (run.arm().equals(name) && outcome != null && outcome.succeeded()) {
        found.put(run.seed(), outcome);
      }
    }
    return found;
  }

  private double[] values(Map<Long, Outcome> of, List<Long> at) {
    return at.stream()
        .mapToDouble(seed -> value.applyAsDouble(Objects.requireNonNull(of.get(seed))))
        .toArray();
  }

  /** The difference of an arm to the base arm, of the seeds that both have where these are two. */
  private Estimate difference(Map<Long, Outcome> of, Map<Long, Outcome> base) {
    List<Long> common = of.keySet().stream().filter(base::containsKey).toList();
    if (common.size() >= 2 || common.size() == of.size() && of.size() == base.size()) {
      return Estimate.paired(values(of, common), values(base, common));
    }
    return Estimate.unpaired(
        values(of, List.copyOf(of.keySet())), values(base, List.copyOf(base.keySet())));
  }

  private void appendSize(@Nullable Trial trial) {
    try {
      if (trial != null) {
        parameters.append(trial.model().parameterCount());
        return;
      }
    } catch (RuntimeException cannotBeBuilt) {
      // its error is in the row
    }
    parameters.appendMissing();
  }

  private static double flops(@Nullable Trial trial, Map<Long, Outcome> good) {
    return trial == null || good.isEmpty()
        ? Double.NaN
        : trial.trainingFlopsPerByte()
            * good.values().stream().mapToLong(Outcome::bytes).average().orElse(0);
  }

  private @Nullable Trial trial(String name) {
    return study.runs().stream()
        .filter(run -> run.arm().equals(name))
        .findFirst()
        .map(StudyRun::trial)
        .orElse(null);
  }

  private String error(String name) {
    return study.runs().stream()
        .filter(run -> run.arm().equals(name))
        .map(run -> outcomes.get(run.name()))
        .filter(outcome -> outcome != null && !outcome.succeeded())
        .map(Outcome::error)
        .distinct()
        .collect(Collectors.joining("; "));
  }

  /** A column whose numbers are printed in a format; its values are as they are. */
  static DoubleColumn column(String name, String format) {
    DoubleColumn column = DoubleColumn.create(name);
    column.setPrintFormatter(
        new NumberColumnFormatter(
            new DecimalFormat(format, DecimalFormatSymbols.getInstance(Locale.ROOT))));
    return column;
  }

  static void append(DoubleColumn column, double value) {
    if (Double.isNaN(value)) {
      column.appendMissing();
    } else {
      column.append(value);
    }
  }
}
