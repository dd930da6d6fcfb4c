package org.megalab.interop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;

/**
 * The values of a reference's configuration. A key with null counts as not there, as the references
 * have it.
 */
record ReferenceJson(JsonObject object) {

  /** More layers than any model has; a file that claims more is not believed. */
  private static final int MOST_LAYERS = 10_000;

  /** Returns whether a key has a value other than null. */
  boolean has(String key) {
    return object.has(key) && !object.get(key).isJsonNull();
  }

  /**
   * Refuses keys that are not understood, so that none is overlooked.
   *
   * @throws ConfigException naming them
   */
  void allow(Set<String> keys) {
    Set<String> unknown = new TreeSet<>(object.keySet());
    unknown.removeAll(keys);
    ConfigException.check(
        unknown.isEmpty(),
        "the configuration has %s, which has no counterpart here; known are %s",
        unknown,
        new TreeSet<>(keys));
  }

  /** Refuses a value for an option that exists in the reference alone. */
  void refuseOption(String key) {
    ConfigException.check(
        !has(key),
        "the configuration has %s = %s, which has no counterpart here",
        key,
        object.get(key));
  }

  /** Returns a whole number that must be there. */
  int integer(String key) {
    return integer(key, required(key));
  }

  /** Returns a whole number. */
  int integer(String key, int otherwise) {
    return has(key) ? integer(key) : otherwise;
  }

  /** Returns a number of layers that must be there. */
  int layers(String key) {
    return layers(key, integer(key));
  }

  /** Returns a number that must be there. */
  double number(String key) {
    return value(key, required(key), JsonPrimitive::isNumber, "a number").getAsDouble();
  }

  /** Returns a number. */
  double number(String key, double otherwise) {
    return has(key) ? number(key) : otherwise;
  }

  /** Returns true or false. */
  boolean flag(String key, boolean otherwise) {
    return has(key)
        ? value(key, object.get(key), JsonPrimitive::isBoolean, "true or false").getAsBoolean()
        : otherwise;
  }

  /** Returns a text, or null. */
  @Nullable String text(String key) {
    return has(key)
        ? value(key, object.get(key), JsonPrimitive::isString, "a text").getAsString()
        : null;
  }

  /** Returns a text. */
  String text(String key, String otherwise) {
    String text = text(key);
    return text == null ? otherwise : text;
  }

  /** Returns a list of whole numbers that must be there; a single number is a list of one. */
  List<Integer> integers(String key) {
    JsonElement value = required(key);
    if (!value.isJsonArray()) {
      return List.of(integer(key, value));
    }
    List<Integer> list = new ArrayList<>();
    value.getAsJsonArray().forEach(element -> list.add(integer(key, element)));
    return list;
  }

  /** Returns a list of numbers of layers that must be there. */
  List<Integer> layerCounts(String key) {
    List<Integer> counts = integers(key);
    counts.forEach(count -> layers(key, count));
    return counts;
  }

  /** Rejects a key whose value, where it has one, asks for what is not here. */
  void unsupported(String key, boolean asked, String allowed) {
    ConfigException.check(
        !asked,
        "\"%s\": %s is not supported; the model here has %s",
        key,
        object.get(key),
        allowed);
  }

  private JsonElement required(String key) {
    ConfigException.check(has(key), "the configuration lacks \"%s\"", key);
    return object.get(key);
  }

  private static int layers(String key, int count) {
    ConfigException.check(
        count <= MOST_LAYERS, "\"%s\" is %d, allowed are at most %d", key, count, MOST_LAYERS);
    return count;
  }

  private static int integer(String key, JsonElement element) {
    double number = value(key, element, JsonPrimitive::isNumber, "a whole number").getAsDouble();
    ConfigException.check(
        number == (int) number, "\"%s\" must be a whole number below 2^31, got %s", key, element);
    return (int) number;
  }

  private static JsonPrimitive value(
      String key, JsonElement element, Predicate<JsonPrimitive> fits, String allowed) {
    ConfigException.check(
        element.isJsonPrimitive() && fits.test(element.getAsJsonPrimitive()),
        "\"%s\" must be %s, got %s",
        key,
        allowed,
        element);
    return element.getAsJsonPrimitive();
  }
}
