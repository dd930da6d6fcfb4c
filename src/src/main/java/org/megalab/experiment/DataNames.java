package org.megalab.experiment;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.megalab.data.Corpus;
import org.megalab.data.Dataset;
import org.megalab.data.Layouts;
import org.megalab.json.ConfigException;

/** The data of a study's text form: a name, or a name with sizes that must be met. */
final class DataNames {

  private static final String FOLDER = "folder";

  private DataNames() {}

  /** The data with its sizes, and its folder where it lies in one. */
  static JsonObject tree(Dataset data) {
    JsonObject tree = data.description();
    if (data instanceof Corpus corpus && corpus.folder() != null) {
      tree.addProperty(FOLDER, corpus.folder().toString());
    }
    return tree;
  }

  /**
   * Finds data: a {@link LearningTask} of that name, with the validation split that is scored
   * there, or else what {@link Corpus#named} opens. Where sizes are given, the first with these, of
   * the data at hand, the tasks, the names and the folder.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Dataset resolve(JsonElement json, List<Dataset> atHand) {
    if (json instanceof JsonPrimitive name && name.isString()) {
      return LearningTask.names().contains(name.getAsString())
          ? LearningTask.named(name.getAsString()).data()
          : Corpus.named(name.getAsString());
    }
    ConfigException.check(
        json.isJsonObject() && json.getAsJsonObject().has("name"),
        "data must be a name or an object with one, got %s",
        json);
    JsonObject wanted = json.getAsJsonObject().deepCopy();
    JsonElement folder = wanted.remove(FOLDER);
    String name = wanted.get("name").getAsString();
    List<Supplier<Dataset>> places = new ArrayList<>();
    atHand.forEach(data -> places.add(() -> data));
    if (LearningTask.names().contains(name)) {
      places.add(() -> LearningTask.named(name).data());
    }
    if (folder != null) {
      places.add(() -> Corpus.named(name));
      places.add(() -> Layouts.open(Path.of(folder.getAsString())));
    }
    for (Supplier<Dataset> place : places) {
      try {
        Dataset data = place.get();
        if (data.description().equals(wanted)) {
          return data;
        }
      } catch (IllegalArgumentException notThere) {
        // the next place may have it
      }
    }
    throw new IllegalArgumentException(
        "the data "
            + wanted
            + " is not at hand; open the study with it: Study.open(directory, data)");
  }
}
