package org.megalab.json;

import com.google.gson.JsonObject;

/**
 * A record that stands behind an interface: it writes its kind along with its components, and the
 * interface, extending this one, has a static {@code fromTree(JsonObject)} that reads any kind.
 */
public interface TaggedRecord {

  /** Returns the record as a JSON tree that names its kind. */
  JsonObject toTree();
}
