package org.megalab.experiment;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.megalab.json.ConfigException;

/** Values of a text form, of the kind that is wanted or an error that names their key. */
final class Values {

  private Values() {}

  static JsonElement required(JsonObject tree, String key) {
    JsonElement value = tree.get(key);
    ConfigException.check(value != null, "a study needs the key \"%s\"", key);
    return value;
  }

  static JsonObject object(JsonElement json, String what) {
    ConfigException.check(json.isJsonObject(), "%s must be an object {...}, got %s", what, json);
    return json.getAsJsonObject();
  }

  static String text(JsonObject tree, String key) {
    JsonElement value = tree.get(key);
    ConfigException.check(
        value.isJsonPrimitive() && value.getAsJsonPrimitive().isString(),
        "%s must be a text, got %s",
        key,
        value);
    return value.getAsString();
  }

  /** A whole number that is not too large to count with. */
  static int integer(JsonElement json, String key) {
    long number = whole(json, key);
    ConfigException.check(
        Math.abs(number) <= Integer.MAX_VALUE, "%s is out of range: %s", key, json);
    return (int) number;
  }

  static long whole(JsonElement json, String key) {
    try {
      return json.getAsBigDecimal().longValueExact();
    } catch (ArithmeticException
        | NumberFormatException
        | IllegalStateException
        | UnsupportedOperationException e) {
      throw new ConfigException(key + " must be a whole number, got " + json);
    }
  }
}
