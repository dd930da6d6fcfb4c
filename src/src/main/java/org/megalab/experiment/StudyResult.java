package org.megalab.experiment;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.megalab.data.ExampleSet;
import org.megalab.train.Run;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

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
  private final SuccessiveHalving.@Nullable Result search;

  StudyResult(Study study, Map<String, Outcome> outcomes) {
    this(study, outcomes, null);
  }

  private StudyResult(
      Study study, Map<String, Outcome> outcomes, SuccessiveHalving.@Nullable Result search) {
    this.study = study;
    this.outcomes = new LinkedHashMap<>(outcomes);
    this.search = search;
  }

  /** The same as the newest rung of a search. */
  StudyResult of(SuccessiveHalving.Result search) {
    return new StudyResult(study, outcomes, search);
  }

  /** Returns the study; of a search, that of the newest rung. */
  public Study study() {
    return study;
  }

  /** Returns the search of which this is the newest rung; nothing where all arms got the same. */
  public Optional<SuccessiveHalving.Result> search() {
    return Optional.ofNullable(search);
  }

  /** Returns what is compared: {@code bits per byte} or {@code accuracy}. */
  public String metric() {
    return isAccuracy() ? "accuracy" : "bits per byte";
  }

  boolean isAccuracy() {
    return study.base().data() instanceof ExampleSet;
  }

  private double value(Outcome outcome) {
    return isAccuracy() ? outcome.accuracy() : outcome.bitsPerByte();
  }

  /**
   * Returns one row an arm, in the order of the arms: arm, parameters, FLOPs (of training a run),
   * seeds (that went well), mean and standard deviation over them, difference (of the mean to the
   * base arm's), low and high (its 95 % confidence interval by Student's t, paired where at least
   * two seeds are those of the base arm, by Welch otherwise; missing with fewer) and error.
   */
  public Table table() {
    return table(new String[0]);
  }

  /**
   * Returns the table with a column for each key, after the arm's name: what the arms have there,
   * for heat maps and curves over a setting.
   *
   * @param keys of {@link Trial#with}, with dots into objects, such as {@code local.layers}
   */
  public Table table(String... keys) {
    return new StudyTable(study, outcomes, this::value)
        .table(study.name() + ", validation " + metric(), keys);
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
    DoubleColumn seconds = StudyTable.column("seconds", "0.0");
    DoubleColumn cost = StudyTable.column("bits per byte", "0.0000");
    DoubleColumn right = StudyTable.column("accuracy", "0.0000");
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
      StudyTable.append(seconds, outcome.seconds());
      StudyTable.append(cost, outcome.bitsPerByte());
      StudyTable.append(right, outcome.accuracy());
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

  /** Name, arms and how many runs there are. */
  @Override
  public String toString() {
    return "%s: %d of %d runs".formatted(study.name(), outcomes.size(), study.runs().size());
  }
}
