package org.megalab.model;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Locale;
import java.util.Map;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;

/** What a model that can be trained is built from: a sequence model's or a classifier's. */
public interface TrainableConfig {

  /** Returns the name of the architecture; for a classifier that of its encoder. */
  String architecture();

  /** Creates the model, without memory for its parameters yet. */
  TrainableModel newModel();

  /** Returns the text form, which {@link #fromJson} reads back to an equal configuration. */
  String toJson();

  /** Returns the number of trainable parameters, without allocating them. */
  default long parameterCount() {
    return newModel().parameterCount();
  }

  /**
   * Returns whether training drops anything at random: a rate whose name ends with "dropout", here
   * or in a configuration within, is above 0.
   */
  default boolean dropsOut() {
    return dropsOut(RecordJson.parse(toJson()));
  }

  private static boolean dropsOut(JsonObject tree) {
    for (Map.Entry<String, JsonElement> entry : tree.entrySet()) {
      JsonElement value = entry.getValue();
      if (value.isJsonObject()
          ? dropsOut(value.getAsJsonObject())
          : entry.getKey().toLowerCase(Locale.ROOT).endsWith("dropout")
              && value.isJsonPrimitive()
              && value.getAsJsonPrimitive().isNumber()
              && value.getAsDouble() > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Reads the text form of either kind; a classifier's has the key {@code "encoder"}.
   *
   * @throws ConfigException if the text is malformed, a key is unknown, or values contradict each
   *     other
   */
  static TrainableConfig fromJson(String json) {
    JsonObject tree = RecordJson.parse(json);
    return tree.has("encoder")
        ? RecordJson.read(tree, ClassifierConfig.class)
        : ModelConfig.fromTree(tree);
  }
}
