package org.megalab.experiment;

import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.Collectors;
import org.megalab.data.ExampleSet;
import org.megalab.train.Run;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

/**
 * What came of a {@link Study}, or what there is so far.
 *
 * <p>Texts are judged by validation bits per byte, where less is better, examples by validation
 * accuracy, where more is better; {@link #metric()} says which.
 */
public final class StudyResult {

  /** The file of {@link #table()}. */
  public static final String TABLE = "table.csv";

  /** The file of {@link #runs()}. */
  public static final String RUNS = "runs.csv";

  private final Study study;
  private final Map<String, Outcome> outcomes;

  StudyResult(Study study, Map<String, Outcome> outcomes) {
    this.study = study;
    this.outcomes = new LinkedHashMap<>(outcomes);
  }

  /** Returns the study. */
  public Study study() {
    return study;
  }

  /** Returns what is compared: {@code bits per byte} or {@code accuracy}. */
  public String metric() {
    return isAccuracy() ? "accuracy" : "bits per byte";
  }

  private boolean isAccuracy() {
    return study.base().data() instanceof ExampleSet;
  }

  private double value(Outcome outcome) {
    return isAccuracy() ? outcome.accuracy() : outcome.bitsPerByte();
  }

  /** The runs of an arm that went well, by their seeds. */
  private Map<Long, Outcome> succeeded(String arm) {
    Map<Long, Outcome> found = new LinkedHashMap<>();
    for (StudyRun run : study.runs()) {
      Outcome outcome = outcomes.get(run.name());
      if (run.arm().equals(arm) && outcome != null && outcome.succeeded()) {
        found.put(run.seed(), outcome);
      }
    }
    return found;
  }

  /**
   * Returns one row an arm, in the order of the arms: arm, parameters, FLOPs (of training a run),
   * seeds (that went well), mean and standard deviation over them, difference (of the mean to the
   * base arm's), low and high (its 95 % confidence interval, paired where at least two seeds are
   * those of the base arm; missing with fewer) and error.
   */
  public Table table() {
    StringColumn arm = StringColumn.create("arm");
    LongColumn parameters = LongColumn.create("parameters");
    DoubleColumn flops = column("FLOPs", "0.00E0");
    IntColumn seeds = IntColumn.create("seeds");
    DoubleColumn mean = column("mean", "0.0000");
    DoubleColumn deviation = column("standard deviation", "0.0000");
    DoubleColumn difference = column("difference", "+0.0000;-0.0000");
    DoubleColumn low = column("low", "+0.0000;-0.0000");
    DoubleColumn high = column("high", "+0.0000;-0.0000");
    StringColumn error = StringColumn.create("error");
    Map<Long, Outcome> base = succeeded(study.baseArm());
    for (Arm row : study.arms()) {
      Map<Long, Outcome> good = succeeded(row.name());
      Estimate estimate = Estimate.of(values(good));
      arm.append(row.name());
      count(parameters, row.name());
      flops(flops, row.name(), good);
      seeds.append(estimate.count());
      append(mean, estimate.mean());
      append(deviation, estimate.standardDeviation());
      boolean isBase = row.name().equals(study.baseArm());
      Estimate to = isBase ? null : difference(good, base);
      append(difference, to == null ? (good.isEmpty() ? Double.NaN : 0) : to.mean());
      append(low, to == null ? Double.NaN : to.low());
      append(high, to == null ? Double.NaN : to.high());
      error.append(error(row.name()));
    }
    return Table.create(
        study.name() + ", validation " + metric(),
        arm,
        parameters,
        flops,
        seeds,
        mean,
        deviation,
        difference,
        low,
        high,
        error);
  }

  private double[] values(Map<Long, Outcome> outcomes) {
    return outcomes.values().stream().mapToDouble(this::value).toArray();
  }

  /** The difference of an arm to the base arm, of the seeds that both have where these are two. */
  private Estimate difference(Map<Long, Outcome> arm, Map<Long, Outcome> base) {
    List<Long> common = arm.keySet().stream().filter(base::containsKey).toList();
    if (common.size() >= 2 || common.size() == arm.size() && arm.size() == base.size()) {
      return Estimate.paired(values(arm, common), values(base, common));
    }
    return Estimate.unpaired(values(arm), values(base));
  }

  private double[] values(Map<Long, Outcome> outcomes, List<Long> seeds) {
    return seeds.stream()
        .mapToDouble(seed -> value(Objects.requireNonNull(outcomes.get(seed))))
        .toArray();
  }

  private void count(LongColumn column, String arm) {
    Trial trial = trial(arm);
    try {
      if (trial != null) {
        column.append(trial.model().parameterCount());
        return;
      }
    } catch (RuntimeException cannotBeBuilt) {
      // its error is in the row
    }
    column.appendMissing();
  }

  private void flops(DoubleColumn column, String arm, Map<Long, Outcome> good) {
    Trial trial = trial(arm);
    append(
        column,
        trial == null || good.isEmpty()
            ? Double.NaN
            : trial.trainingFlopsPerByte()
                * good.values().stream().mapToLong(Outcome::bytes).average().orElse(0));
  }

  private @org.jspecify.annotations.Nullable Trial trial(String arm) {
    return study.runs().stream()
        .filter(run -> run.arm().equals(arm))
        .findFirst()
        .map(StudyRun::trial)
        .orElse(null);
  }

  private String error(String arm) {
    return study.runs().stream()
        .filter(run -> run.arm().equals(arm))
        .map(run -> outcomes.get(run.name()))
        .filter(outcome -> outcome != null && !outcome.succeeded())
        .map(Outcome::error)
        .distinct()
        .collect(Collectors.joining("; "));
  }

  /**
   * Returns one row a run that was begun, seed after seed: arm, seed, steps, bytes, seconds, bits
   * per byte, accuracy where there are answers, folder and error.
   */
  public Table runs() {
    StringColumn arm = StringColumn.create("arm");
    LongColumn seed = LongColumn.create("seed");
    LongColumn steps = LongColumn.create("steps");
    LongColumn bytes = LongColumn.create("bytes");
    DoubleColumn seconds = column("seconds", "0.0");
    DoubleColumn cost = column("bits per byte", "0.0000");
    DoubleColumn right = column("accuracy", "0.0000");
    StringColumn folder = StringColumn.create("folder");
    StringColumn error = StringColumn.create("error");
    for (StudyRun run : study.runs()) {
      Outcome outcome = outcomes.get(run.name());
      if (outcome == null) {
        continue;
      }
      arm.append(run.arm());
      seed.append(run.seed());
      if (outcome.succeeded()) {
        steps.append(outcome.steps());
        bytes.append(outcome.bytes());
      } else {
        steps.appendMissing();
        bytes.appendMissing();
      }
      append(seconds, outcome.seconds());
      append(cost, outcome.bitsPerByte());
      append(right, outcome.accuracy());
      Path where = outcome.folder();
      folder.append(where == null ? "" : study.directory().relativize(where).toString());
      error.append(outcome.error());
    }
    Table table = Table.create(study.name() + ", runs", arm, seed, steps, bytes, seconds, cost);
    return isAccuracy() ? table.addColumns(right, folder, error) : table.addColumns(folder, error);
  }

  /**
   * Returns the training of an arm with a seed, for its curves and its model.
   *
   * @throws NoSuchElementException if there is none (yet)
   */
  public Run run(String arm, long seed) {
    for (StudyRun run : study.runs()) {
      Outcome outcome = outcomes.get(run.name());
      if (run.arm().equals(arm) && run.seed() == seed && outcome != null) {
        Path folder = outcome.folder();
        if (folder != null) {
          return Run.open(folder);
        }
      }
    }
    throw new NoSuchElementException(
        "there is no run of the arm \"%s\" with seed %d; there are arms %s and seeds %s"
            .formatted(arm, seed, study.arms().stream().map(Arm::name).toList(), study.seeds()));
  }

  /** What a run came to, in a few words. */
  String headline(String run) {
    Outcome outcome = outcomes.get(run);
    if (outcome == null) {
      return "not there";
    }
    return outcome.succeeded()
        ? String.format(Locale.ROOT, "%.4f %s", value(outcome), metric())
        : outcome.error();
  }

  /** Writes both tables beside {@code study.json}. */
  void write(Path directory) {
    Outcome.writeAtomically(directory.resolve(TABLE), table().write().toString("csv"));
    Outcome.writeAtomically(directory.resolve(RUNS), runs().write().toString("csv"));
  }

  private static DoubleColumn column(String name, String format) {
    DoubleColumn column = DoubleColumn.create(name);
    column.setPrintFormatter(
        new NumberColumnFormatter(
            new DecimalFormat(format, DecimalFormatSymbols.getInstance(Locale.ROOT))));
    return column;
  }

  private static void append(DoubleColumn column, double value) {
    if (Double.isNaN(value)) {
      column.appendMissing();
    } else {
      column.append(value);
    }
  }

  /** Name, arms and how many runs there are. */
  @Override
  public String toString() {
    return "%s: %d of %d runs".formatted(study.name(), outcomes.size(), study.runs().size());
  }
}
