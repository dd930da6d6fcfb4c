package org.megalab.interop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Set;
import java.util.TreeSet;
import org.megalab.json.ConfigException;

/** The constructor arguments that a recording names, read so that none is overlooked. */
final class ReferenceConfig {

  private final JsonObject json;

  ReferenceConfig(JsonObject json) {
    this.json = json;
  }

  /**
   * Refuses keys that are not understood.
   *
   * @throws ConfigException naming them
   */
  void allow(Set<String> keys) {
    Set<String> unknown = new TreeSet<>(json.keySet());
    unknown.removeAll(keys);
    ConfigException.check(
        unknown.isEmpty(),
        "the recording's config has %s, which has no counterpart here; known are %s",
        unknown,
        new TreeSet<>(keys));
  }

  /** Refuses a value for an option that exists in the reference alone. */
  void refuseOption(String key) {
    ConfigException.check(
        !has(key), "the recording has %s = %s, which has no counterpart here", key, json.get(key));
  }

  int integer(String key) {
    ConfigException.check(has(key), "the recording's config lacks \"%s\"", key);
    return json.get(key).getAsInt();
  }

  int integer(String key, int otherwise) {
    return has(key) ? json.get(key).getAsInt() : otherwise;
  }

  boolean flag(String key, boolean otherwise) {
    return has(key) ? json.get(key).getAsBoolean() : otherwise;
  }

  String text(String key, String otherwise) {
    return has(key) ? json.get(key).getAsString() : otherwise;
  }

  private boolean has(String key) {
    JsonElement value = json.get(key);
    return value != null && !value.isJsonNull();
  }
}
