package org.megalab.experiment;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;

/** Keys with their values, and the arms of their product; how settings are named and nested. */
final class Grid {

  private final Map<String, List<JsonElement>> axes = new LinkedHashMap<>();

  void add(String key, List<JsonElement> values) {
    ConfigException.check(!values.isEmpty(), "the grid \"%s\" has no values", key);
    ConfigException.check(
        axes.put(key, values) == null, "there are two grids of \"%s\"; give one all values", key);
  }

  /** An arm for each combination, the last key fastest; none where there are no keys. */
  List<Arm> arms() {
    List<Map<String, JsonElement>> product = new ArrayList<>();
    if (!axes.isEmpty()) {
      product.add(Map.of());
    }
    axes.forEach(
        (key, values) -> {
          List<Map<String, JsonElement>> longer = new ArrayList<>();
          for (Map<String, JsonElement> settings : product) {
            for (JsonElement value : values) {
              Map<String, JsonElement> more = new LinkedHashMap<>(settings);
              more.put(key, value);
              longer.add(more);
            }
          }
          product.clear();
          product.addAll(longer);
        });
    return product.stream().map(Grid::arm).toList();
  }

  /** The arm of some settings, called {@code patchSize=4, local.layers=2}. */
  static Arm arm(Map<String, JsonElement> settings) {
    JsonObject overrides = new JsonObject();
    settings.forEach((key, value) -> put(overrides, key, value));
    String name =
        settings.entrySet().stream()
            .map(setting -> setting.getKey() + "=" + label(setting.getValue()))
            .collect(Collectors.joining(", "));
    return Arm.json(name, overrides.toString());
  }

  /** The text form of a value. */
  static JsonElement json(Object value) {
    if (value instanceof JsonElement json) {
      return json;
    }
    return value instanceof Enum<?> constant
        ? new JsonPrimitive(constant.name().toLowerCase(Locale.ROOT))
        : new Gson().toJsonTree(value);
  }

  /** A value as it stands in a name. */
  static String label(JsonElement value) {
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }

  /** Puts a value at a dotted path. */
  private static void put(JsonObject object, String path, JsonElement value) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      object.add(path, value);
      return;
    }
    String key = path.substring(0, dot);
    if (!object.has(key)) {
      object.add(key, new JsonObject());
    }
    put(object.getAsJsonObject(key), path.substring(dot + 1), value);
  }

  /** The value that a trial has at a key of {@link Trial#with}; null where it has no such key. */
  static @Nullable JsonElement setting(Trial trial, String path) {
    JsonObject tree = TrialJson.tree(trial);
    JsonElement found = value(tree.getAsJsonObject(TrialJson.MODEL), path);
    return found == null ? value(tree, path) : found;
  }

  private static @Nullable JsonElement value(JsonObject object, String path) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      return object.get(path);
    }
    JsonElement within = object.get(path.substring(0, dot));
    return within != null && within.isJsonObject()
        ? value(within.getAsJsonObject(), path.substring(dot + 1))
        : null;
  }
}
