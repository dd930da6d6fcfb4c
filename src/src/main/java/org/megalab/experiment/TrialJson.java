package org.megalab.experiment;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.megalab.data.Dataset;
import org.megalab.evaluate.Inference;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import org.megalab.model.TrainableConfig;
import org.megalab.train.TrainingConfig;

/** The text form of trials, and of what one differs from another in. */
final class TrialJson {

  static final String MODEL = "model";
  static final String TRAINING = "training";
  static final String DATA = "data";
  static final String SCAN = "scan";
  static final String INFERENCE = "inference";

  /** Keys that say what a model is; an object with one is a model of its own. */
  private static final Set<String> WHOLE = Set.of("architecture", "preset", "encoder");

  private TrialJson() {}

  static JsonObject tree(Trial trial) {
    JsonObject tree = new JsonObject();
    tree.add(MODEL, RecordJson.parse(trial.model().toJson()));
    tree.add(TRAINING, RecordJson.tree(trial.training()));
    tree.add(DATA, trial.data().description());
    tree.addProperty(INFERENCE, name(trial.inference()));
    return tree;
  }

  private static String name(Inference inference) {
    return inference.name().toLowerCase(Locale.ROOT);
  }

  /** The trial with the keys of {@code overrides}, as {@link Trial#with} has it. */
  static Trial read(Trial base, JsonObject overrides) {
    JsonObject model = overrides.deepCopy();
    Trial trial = base;
    JsonElement training = model.remove(TRAINING);
    if (training != null) {
      JsonObject keys = Values.object(training, TRAINING);
      trial = trial.withTraining(RecordJson.readOver(base.training(), keys, TrainingConfig.class));
    }
    JsonElement inference = model.remove(INFERENCE);
    if (inference != null) {
      trial = trial.withInference(inference(inference));
    }
    JsonElement data = model.remove(DATA);
    if (data != null) {
      trial = trial.withData(DataNames.resolve(data, List.of(base.data())));
    }
    JsonElement scan = model.remove(SCAN);
    if (scan != null) {
      trial = trial.withData(scan(trial.data(), scan));
    }
    JsonElement whole = model.remove(MODEL);
    if (whole != null) {
      trial = trial.withModel(model(trial.model(), Values.object(whole, MODEL)));
    }
    return model.isEmpty() ? trial : trial.withModel(model(trial.model(), model));
  }

  private static TrainableConfig model(TrainableConfig base, JsonObject overrides) {
    JsonObject old = RecordJson.parse(base.toJson());
    return TrainableConfig.fromJson(merged(old, overrides).toString());
  }

  /** What {@code over} says, and what it does not say as it was. */
  private static JsonObject merged(JsonObject old, JsonObject over) {
    JsonElement architecture = over.get("architecture");
    boolean other = architecture != null && !architecture.equals(old.get("architecture"));
    if (other || over.has("preset") || over.has("encoder") && !old.has("encoder")) {
      JsonObject whole = over.deepCopy();
      if (architecture == null && old.has("architecture") && !over.has("encoder")) {
        whole.add("architecture", old.get("architecture"));
      }
      return whole;
    }
    JsonObject merged = old.deepCopy();
    for (Map.Entry<String, JsonElement> entry : over.entrySet()) {
      JsonElement before = old.get(entry.getKey());
      boolean within = before != null && before.isJsonObject() && entry.getValue().isJsonObject();
      merged.add(
          entry.getKey(),
          within
              ? merged(before.getAsJsonObject(), entry.getValue().getAsJsonObject())
              : entry.getValue());
    }
    return merged;
  }

  static Inference inference(JsonElement json) {
    for (Inference inference : Inference.values()) {
      if (json.isJsonPrimitive() && json.getAsString().equalsIgnoreCase(inference.name())) {
        return inference;
      }
    }
    throw new ConfigException(
        "inference got " + json + "; allowed are basic, sliding, strided and both");
  }

  private static Dataset scan(Dataset photos, JsonElement json) {
    String scan = json.isJsonPrimitive() ? json.getAsString() : json.toString();
    ConfigException.check(
        photos.name().startsWith("photos"),
        "scan is the order in which pictures are read, and the data is %s; take photos-patches or"
            + " photos-raster",
        photos.name());
    return switch (scan) {
      case "patch" -> LearningTask.named("photos-patches").data();
      case "raster" -> LearningTask.named("photos-raster").data();
      default ->
          throw new ConfigException("scan got \"" + scan + "\"; allowed are patch and raster");
    };
  }

  /** The overrides with which {@code base} becomes {@code changed}. */
  static JsonObject difference(Trial base, Trial changed) {
    JsonObject before = tree(base);
    JsonObject after = tree(changed);
    JsonObject model = after.getAsJsonObject(MODEL);
    JsonObject difference = new JsonObject();
    if (isSameKind(before.getAsJsonObject(MODEL), model)) {
      difference = difference(before.getAsJsonObject(MODEL), model);
    } else {
      difference.add(MODEL, model);
    }
    JsonObject training =
        difference(before.getAsJsonObject(TRAINING), after.getAsJsonObject(TRAINING));
    if (!training.isEmpty()) {
      difference.add(TRAINING, training);
    }
    if (!after.get(DATA).equals(before.get(DATA))) {
      difference.add(DATA, DataNames.tree(changed.data()));
    }
    if (changed.inference() != base.inference()) {
      difference.add(INFERENCE, after.get(INFERENCE));
    }
    return difference;
  }

  private static boolean isSameKind(JsonObject before, JsonObject after) {
    return before.keySet().equals(after.keySet())
        && WHOLE.stream()
            .filter(key -> !key.equals("encoder"))
            .allMatch(key -> Objects.equals(before.get(key), after.get(key)));
  }

  private static JsonObject difference(JsonObject before, JsonObject after) {
    JsonObject difference = new JsonObject();
    for (Map.Entry<String, JsonElement> entry : after.entrySet()) {
      JsonElement old = before.get(entry.getKey());
      JsonElement now = entry.getValue();
      if (now.equals(old)) {
        continue;
      }
      boolean within =
          old != null
              && old.isJsonObject()
              && now.isJsonObject()
              && isSameKind(old.getAsJsonObject(), now.getAsJsonObject());
      difference.add(
          entry.getKey(), within ? difference(old.getAsJsonObject(), now.getAsJsonObject()) : now);
    }
    return difference;
  }
}
