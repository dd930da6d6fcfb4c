package org.megalab.experiment;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Dataset;
import org.megalab.evaluate.Inference;
import org.megalab.json.ConfigException;
import org.megalab.model.TrainableConfig;
import org.megalab.train.TrainingConfig;

/** Collects what a {@link Study} needs. */
public final class StudyBuilder {

  private String name = "study";
  private @Nullable TrainableConfig model;
  private @Nullable TrainingConfig training;
  private @Nullable Dataset data;
  private @Nullable Path directory;
  private Inference inference = Inference.BASIC;
  private final List<Arm> arms = new ArrayList<>();
  private final Grid grid = new Grid();
  private @Nullable String baseArm;
  private List<Long> seeds = List.of(1L);
  private @Nullable Budget budget;
  private Budget.@Nullable Kind equal;
  private @Nullable SuccessiveHalving halving;
  private int parallel = 1;
  private Device device = Device.cpu();
  private @Nullable StudyListener listener;

  StudyBuilder() {}

  /** Sets how the study is called. */
  public StudyBuilder setName(String name) {
    this.name = name;
    return this;
  }

  /** Sets the model that the arms change. */
  public StudyBuilder setBase(TrainableConfig model) {
    this.model = model;
    return this;
  }

  /** Sets what is learned; there must be a validation split. */
  public StudyBuilder setData(Dataset data) {
    this.data = data;
    return this;
  }

  /** Sets how is trained; its seed does not count. */
  public StudyBuilder setTraining(TrainingConfig training) {
    this.training = training;
    return this;
  }

  /** Sets where the study is, or is to be. */
  public StudyBuilder setDirectory(Path directory) {
    this.directory = directory;
    return this;
  }

  /** Sets how texts are judged; basic when not set. */
  public StudyBuilder optInference(Inference inference) {
    this.inference = inference;
    return this;
  }

  /** Adds an arm. */
  public StudyBuilder addArm(Arm arm) {
    arms.add(arm);
    return this;
  }

  /** Adds an arm in its text form; {@link Trial#with} tells the keys. */
  public StudyBuilder addArm(String name, String overrides) {
    return addArm(Arm.json(name, overrides));
  }

  /** Adds arms, such as those of a {@link RandomSearch}. */
  public StudyBuilder addArms(List<Arm> more) {
    arms.addAll(more);
    return this;
  }

  /**
   * Adds an arm for each value, called {@code patchSize=4}; several grids make an arm for each
   * combination, called {@code patchSize=4, local.layers=2}.
   *
   * @param key a key of {@link Trial#with}, with dots into objects, such as {@code
   *     training.learningRate}
   * @param values numbers, texts, booleans, enum constants or lists of these
   */
  public StudyBuilder addGrid(String key, Object... values) {
    grid.add(key, Arrays.stream(values).map(Grid::json).toList());
    return this;
  }

  /** Sets the arm that the differences refer to, by its name; the first when not set. */
  public StudyBuilder optBaseArm(String name) {
    baseArm = name;
    return this;
  }

  /** Sets the seeds 1 … n; one when not set. */
  public StudyBuilder optSeeds(int count) {
    return optSeeds(LongStream.rangeClosed(1, count).toArray());
  }

  /** Sets the seeds. */
  public StudyBuilder optSeeds(long... seeds) {
    this.seeds = Arrays.stream(seeds).boxed().toList();
    return this;
  }

  /** Sets what every arm may spend; as many steps as the training has when not set. */
  public StudyBuilder optBudget(Budget budget) {
    return spend(budget, null, null);
  }

  /** Sets that every arm may spend as much as the base trial does in its steps. */
  public StudyBuilder optEqual(Budget.Kind kind) {
    ConfigException.check(
        kind != Budget.Kind.SECONDS, "nobody knows before how long steps take; name the seconds");
    return spend(null, kind, null);
  }

  /**
   * Sets that the budget of all arms is a small one, and that of the best more, by {@link
   * SuccessiveHalving}.
   *
   * @param first what every arm may spend in the first rung
   * @param eta by which the budgets grow and the arms shrink; 2 or more
   */
  public StudyBuilder optHalving(Budget first, int eta) {
    return spend(null, null, new SuccessiveHalving(first, eta));
  }

  /** At most one of these says what arms may spend. */
  private StudyBuilder spend(
      @Nullable Budget each, Budget.@Nullable Kind asBase, @Nullable SuccessiveHalving search) {
    budget = each;
    equal = asBase;
    halving = search;
    return this;
  }

  /**
   * Sets another number of steps for a training that is set already, with its model and its data; a
   * budget in absolute numbers is dropped.
   *
   * @throws ConfigException if they are not, or the rungs of a search decide the steps
   */
  public StudyBuilder optSteps(int steps) {
    ConfigException.check(
        halving == null, "the rungs of a search decide its steps; leave %d steps out", steps);
    budget = null;
    training = Budget.steps(steps).applyTo(base()).training();
    return this;
  }

  /** Sets how many runs there are at a time; 1 when not set. */
  public StudyBuilder optParallel(int parallel) {
    this.parallel = parallel;
    return this;
  }

  /** Sets the device; the CPU when not set. */
  public StudyBuilder optDevice(Device device) {
    this.device = device;
    return this;
  }

  /** Sets what watches the study; {@link Study#setDefaultListener} when not set. */
  public StudyBuilder optListener(StudyListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Checks everything; arms themselves are rows of the table, also where they fail.
   *
   * @throws ConfigException if something is missing or contradicts itself
   */
  public Study build() {
    if (directory == null) {
      throw new ConfigException("a study needs a directory");
    }
    Trial base = base();
    List<Arm> all = new ArrayList<>(arms);
    all.addAll(grid.arms());
    String first = all.isEmpty() ? "" : all.get(0).name();
    StudyPlan plan =
        new StudyPlan(
            name,
            base,
            all,
            baseArm == null ? first : baseArm,
            seeds,
            budget(base),
            halving,
            parallel);
    return new Study(plan, directory, device, listener);
  }

  private Trial base() {
    if (model == null || data == null || training == null) {
      throw new ConfigException(
          "a study needs a model, data and a training; missing:%s%s%s"
              .formatted(
                  model == null ? " model" : "",
                  data == null ? " data" : "",
                  training == null ? " training" : ""));
    }
    return new Trial(model, training, data, inference);
  }

  private @Nullable Budget budget(Trial base) {
    if (equal == null) {
      return budget;
    }
    double bytes = base.bytesPerStep() * base.training().steps();
    return switch (equal) {
      case BYTES -> new Budget(equal, bytes);
      case FLOPS -> new Budget(equal, bytes * base.trainingFlopsPerByte());
      default -> new Budget(equal, base.training().steps());
    };
  }
}
