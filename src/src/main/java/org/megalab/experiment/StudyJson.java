package org.megalab.experiment;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Dataset;
import org.megalab.data.ExampleSet;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import org.megalab.model.TrainableConfig;
import org.megalab.train.TrainingConfig;

/** The text form of studies. */
final class StudyJson {

  private static final Set<String> KEYS =
      Set.of(
          "name",
          "model",
          "data",
          "training",
          "inference",
          "seeds",
          "budget",
          "halving",
          "base",
          "arms",
          "grid",
          "random",
          "parallel");

  /** The steps of a training that names none, where the budget decides. */
  private static final int STEPS = 1000;

  private StudyJson() {}

  static JsonObject tree(StudyPlan study) {
    Trial base = study.base();
    JsonObject tree = TrialJson.tree(base);
    tree.add(TrialJson.DATA, DataNames.tree(base.data()));
    JsonObject whole = new JsonObject();
    whole.addProperty("name", study.name());
    tree.entrySet().forEach(entry -> whole.add(entry.getKey(), entry.getValue()));
    JsonArray seeds = new JsonArray();
    study.seeds().forEach(seeds::add);
    whole.add("seeds", seeds);
    Budget budget = study.budget();
    if (budget != null) {
      whole.add("budget", budget.tree());
    }
    SuccessiveHalving halving = study.halving();
    if (halving != null) {
      JsonObject rungs = new JsonObject();
      rungs.add("budget", halving.first().tree());
      rungs.addProperty("eta", halving.eta());
      whole.add("halving", rungs);
    }
    if (study.parallel() > 1) {
      whole.addProperty("parallel", study.parallel());
    }
    whole.addProperty("base", study.baseArm());
    JsonObject arms = new JsonObject();
    study.arms().forEach(arm -> arms.add(arm.name(), overrides(arm, base)));
    whole.add("arms", arms);
    return whole;
  }

  /** What an arm changes; the error of one that can change nothing. */
  private static JsonObject overrides(Arm arm, Trial base) {
    if (arm.change() instanceof Arm.Overrides text) {
      return RecordJson.parse(text.json());
    }
    try {
      return TrialJson.difference(base, arm.trial(base));
    } catch (RuntimeException e) {
      JsonObject error = new JsonObject();
      error.addProperty("error", Outcome.message(e));
      return error;
    }
  }

  static StudyBuilder read(JsonObject tree, List<Dataset> atHand) {
    for (String key : tree.keySet()) {
      ConfigException.check(
          KEYS.contains(key), "unknown key \"%s\"; allowed are %s", key, new TreeSet<>(KEYS));
    }
    StudyBuilder builder = Study.builder();
    if (tree.has("name")) {
      builder.setName(Values.text(tree, "name"));
    }
    Dataset data =
        atHand.isEmpty() || tree.has(TrialJson.DATA)
            ? DataNames.resolve(Values.required(tree, TrialJson.DATA), atHand)
            : atHand.get(0);
    JsonObject model = Values.object(Values.required(tree, TrialJson.MODEL), TrialJson.MODEL);
    TrainableConfig base = TrainableConfig.fromJson(model.toString());
    JsonObject training =
        tree.has(TrialJson.TRAINING)
            ? Values.object(tree.get(TrialJson.TRAINING), TrialJson.TRAINING).deepCopy()
            : new JsonObject();
    if (!training.has("steps") && (tree.has("budget") || tree.has("halving"))) {
      training.addProperty("steps", STEPS);
    }
    LearningTask task = task(tree.get(TrialJson.DATA));
    if (task != null) { // a task's windows are its pictures, its examples say their length
      base = task.fitted(base);
      if (!(data instanceof ExampleSet) && !training.has("windowStride")) {
        training.addProperty("windowStride", task.stride());
      }
    }
    builder.setData(data).setBase(base);
    builder.setTraining(RecordJson.read(training, TrainingConfig.class));
    if (tree.has(TrialJson.INFERENCE)) {
      builder.optInference(TrialJson.inference(tree.get(TrialJson.INFERENCE)));
    }
    readRuns(tree, builder);
    readArms(tree, builder);
    return builder;
  }

  private static void readRuns(JsonObject tree, StudyBuilder builder) {
    JsonElement seeds = tree.get("seeds");
    if (seeds != null && seeds.isJsonArray()) {
      builder.optSeeds(
          StreamSupport.stream(seeds.getAsJsonArray().spliterator(), false)
              .mapToLong(seed -> Values.whole(seed, "seeds"))
              .toArray());
    } else if (seeds != null) {
      builder.optSeeds(Values.integer(seeds, "seeds"));
    }
    if (tree.has("parallel")) {
      builder.optParallel(Values.integer(tree.get("parallel"), "parallel"));
    }
    readBudget(tree, builder);
  }

  private static void readBudget(JsonObject tree, StudyBuilder builder) {
    if (tree.has("halving")) {
      ConfigException.check(
          !tree.has("budget"), "the budgets of a search are in \"halving\"; leave \"budget\" out");
      JsonObject halving = Values.object(tree.get("halving"), "halving");
      ConfigException.check(
          halving.keySet().equals(Set.of("budget", "eta")),
          "halving must be an object with budget and eta, such as {\"budget\": {\"steps\": 50},"
              + " \"eta\": 2}, got %s",
          halving);
      builder.optHalving(
          Budget.read(halving.get("budget"), "the budget of halving"),
          Values.integer(halving.get("eta"), "eta"));
      return;
    }
    JsonElement budget = tree.get("budget");
    if (budget != null && budget.isJsonPrimitive()) {
      try {
        builder.optEqual(Budget.Kind.valueOf(budget.getAsString().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new ConfigException(
            "budget must be \"steps\", \"bytes\" or \"flops\", as much as the base spends, or an"
                + " object with a number, got "
                + budget);
      }
    } else if (budget != null) {
      builder.optBudget(Budget.read(budget, "budget"));
    }
  }

  private static void readArms(JsonObject tree, StudyBuilder builder) {
    if (tree.has("base")) {
      builder.optBaseArm(Values.text(tree, "base"));
    }
    if (tree.has("arms")) {
      for (Map.Entry<String, JsonElement> arm :
          Values.object(tree.get("arms"), "arms").entrySet()) {
        JsonObject overrides = Values.object(arm.getValue(), "the arm \"" + arm.getKey() + "\"");
        builder.addArm(
            overrides.has("error")
                ? Arm.of(arm.getKey(), trial -> failed(overrides.get("error").getAsString()))
                : Arm.json(arm.getKey(), overrides.toString()));
      }
    }
    if (tree.has("random")) {
      builder.addArms(RandomSearch.read(Values.object(tree.get("random"), "random")));
    }
    if (tree.has("grid")) {
      for (Map.Entry<String, JsonElement> axis :
          Values.object(tree.get("grid"), "grid").entrySet()) {
        ConfigException.check(
            axis.getValue().isJsonArray(),
            "the grid \"%s\" must be a list of values, got %s",
            axis.getKey(),
            axis.getValue());
        builder.addGrid(
            axis.getKey(), axis.getValue().getAsJsonArray().asList().toArray(new Object[0]));
      }
    }
  }

  private static Trial failed(String error) {
    throw new ConfigException(error);
  }

  /** The task of that name, where its windows are not any windows of a text. */
  private static @Nullable LearningTask task(@Nullable JsonElement data) {
    if (data == null
        || !data.isJsonPrimitive()
        || !LearningTask.names().contains(data.getAsString())) {
      return null;
    }
    LearningTask task = LearningTask.named(data.getAsString());
    return task.stride() > 1 || task.data() instanceof ExampleSet ? task : null;
  }
}
