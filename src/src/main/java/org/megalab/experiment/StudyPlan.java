package org.megalab.experiment;

import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.ExampleSet;
import org.megalab.json.ConfigException;

/**
 * What a study is, wherever it runs: all that its text form tells.
 *
 * @param name how it is called
 * @param base the trial that the arms change
 * @param arms at least one, of different names
 * @param baseArm the name of the arm that the differences refer to
 * @param seeds of every arm
 * @param budget what every arm may spend; null for the steps of its training
 * @param halving how the arms get fewer; null where all get the same
 * @param parallel how many runs there are at a time
 */
record StudyPlan(
    String name,
    Trial base,
    List<Arm> arms,
    String baseArm,
    List<Long> seeds,
    @Nullable Budget budget,
    @Nullable SuccessiveHalving halving,
    int parallel) {

  /** Checks everything; arms themselves are rows of the table, also where they fail. */
  StudyPlan {
    arms = List.copyOf(arms);
    seeds = List.copyOf(seeds);
    boolean judged =
        base.data() instanceof Corpus corpus
            ? !corpus.validation().documents().isEmpty()
            : ((ExampleSet) base.data()).validation().size() > 0;
    ConfigException.check(
        judged, "a study needs data with a validation split, got %s", base.data());
    List<String> names = arms.stream().map(Arm::name).toList();
    ConfigException.check(!names.isEmpty(), "a study needs at least one arm");
    ConfigException.check(
        new HashSet<>(names).size() == names.size(), "two arms have the same name: %s", names);
    ConfigException.check(
        !seeds.isEmpty() && new HashSet<>(seeds).size() == seeds.size(),
        "a study needs one seed or several different ones, got %s",
        seeds);
    ConfigException.check(parallel > 0, "parallel must be positive, got %d", parallel);
    ConfigException.check(
        names.contains(baseArm),
        "there is no arm \"%s\" that the differences could refer to; there are %s",
        baseArm,
        names);
  }

  /** The plan of a rung of the search that this plans. */
  StudyPlan rung(int rung, List<Arm> left, Budget each) {
    boolean isThere = left.stream().anyMatch(arm -> arm.name().equals(baseArm));
    return new StudyPlan(
        name + ", rung " + rung,
        base,
        left,
        isThere ? baseArm : left.get(0).name(),
        seeds,
        each,
        null,
        parallel);
  }
}
