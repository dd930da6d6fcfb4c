package org.megalab.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.megalab.json.ConfigException;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Finds a good arm among many with little budget: all arms get a small one, the best get more
 * (Jamieson and Talwalkar 2016).
 *
 * <pre>
 * rung r = 0, 1, …:  ⌈n / ηʳ⌉ arms with the budget b ηʳ, until one arm is left
 *
 * StudyResult result = study.addArms(RandomSearch.seed(1).values("patchSize", 4, 8).arms(2))
 *     .optHalving(Budget.bytes(20_000), 2).build().run();
 * result.search().orElseThrow().best();
 * </pre>
 *
 * <p>A rung is a {@link Study} in {@code DIR/rung-r}: the learning rate follows its schedule over
 * the budget of the rung, so that the arms that stay begin anew. The common mistake is to trust the
 * first rungs where curves cross: what learns fast at first need not learn most.
 *
 * @param first b, the budget of the first rung
 * @param eta η, by which the budgets grow and the arms shrink; 2 or more
 */
public record SuccessiveHalving(Budget first, int eta) {

  /** The file of the table, in the study's directory. */
  public static final String TABLE = "rungs.csv";

  /**
   * Checks η.
   *
   * @throws ConfigException if it is less than 2
   */
  public SuccessiveHalving {
    ConfigException.check(eta >= 2, "eta must be at least 2, got %d", eta);
  }

  /**
   * What came of it, or what there is so far.
   *
   * @param rungs the studies, in their order
   * @param kept the arms that each rung let through, the best first; none of a rung that is not
   *     complete
   */
  public record Result(List<StudyResult> rungs, List<List<Arm>> kept) {

    /** Copies the lists. */
    public Result {
      rungs = List.copyOf(rungs);
      kept = List.copyOf(kept);
    }

    /** Returns the arm that was left; nothing where all failed or the search is not complete. */
    public Optional<Arm> best() {
      List<Arm> last = kept.get(kept.size() - 1);
      return last.size() == 1 ? Optional.of(last.get(0)) : Optional.empty();
    }

    /**
     * Returns one row an arm of a rung: rung, arm, FLOPs, mean, standard deviation, kept, error.
     */
    public Table table() {
      IntColumn rung = IntColumn.create("rung");
      StringColumn arm = StringColumn.create("arm");
      DoubleColumn flops = StudyTable.column("FLOPs", "0.00E0");
      DoubleColumn mean = StudyTable.column("mean", "0.0000");
      DoubleColumn deviation = StudyTable.column("standard deviation", "0.0000");
      BooleanColumn stays = BooleanColumn.create("kept");
      StringColumn error = StringColumn.create("error");
      for (int r = 0; r < rungs.size(); r++) {
        Set<String> names = new HashSet<>(kept.get(r).stream().map(Arm::name).toList());
        for (Row row : rungs.get(r).table()) {
          rung.append(r);
          arm.append(row.getString("arm"));
          flops.append(row.getDouble("FLOPs"));
          mean.append(row.getDouble("mean"));
          deviation.append(row.getDouble("standard deviation"));
          stays.append(names.contains(row.getString("arm")));
          error.append(row.getString("error"));
        }
      }
      String title = "rungs, validation " + rungs.get(0).metric();
      return Table.create(title, rung, arm, flops, mean, deviation, stays, error);
    }
  }

  /**
   * Runs the rungs of a study, or goes on with them; an interrupt ends it after the step under way.
   *
   * @param train whether to train what is not there yet, instead of only reading what is
   * @return the newest rung, with the whole search
   */
  StudyResult of(Study study, boolean train) {
    List<StudyResult> rungs = new ArrayList<>();
    List<List<Arm>> kept = new ArrayList<>();
    List<Arm> arms = study.arms();
    Budget budget = first;
    boolean next;
    do {
      Study rung = study.rung(folder(study, rungs.size()), rungs.size(), arms, budget);
      StudyResult result = train ? rung.run() : rung.result();
      rungs.add(result);
      next = Files.isDirectory(folder(study, rungs.size())); // also where runs failed
      boolean complete =
          train
              ? !Thread.currentThread().isInterrupted()
              : next || result.runs().rowCount() == rung.runs().size();
      arms = complete ? best(result, (arms.size() + eta - 1) / eta) : List.of();
      kept.add(arms);
      budget = budget.times(eta);
      if (train) {
        String table = new Result(rungs, kept).table().write().toString("csv");
        Outcome.writeAtomically(study.directory().resolve(TABLE), table);
      }
    } while (arms.size() > 1 && (train || next));
    return rungs.get(rungs.size() - 1).of(new Result(rungs, kept));
  }

  private static Path folder(Study study, int rung) {
    return study.directory().resolve("rung-" + rung);
  }

  /** The best arms of a rung, without those that failed. */
  private static List<Arm> best(StudyResult result, int count) {
    DoubleColumn means = result.table().doubleColumn("mean");
    int sign = result.isAccuracy() ? -1 : 1;
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < means.size(); row++) {
      if (!means.isMissing(row)) {
        rows.add(row);
      }
    }
    rows.sort(Comparator.comparingDouble(row -> sign * means.get(row)));
    return rows.stream().limit(count).map(result.study().arms()::get).toList();
  }
}
