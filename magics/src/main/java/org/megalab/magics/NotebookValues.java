package org.megalab.magics;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Values on their way from a magic to a variable of the notebook, or back. Public for the line of
 * Java that a magic has the kernel run: {@code var model = (SequenceModel)
 * NotebookValues.take("...");}
 */
public final class NotebookValues {

  private static final Map<String, Object> VALUES = new ConcurrentHashMap<>();

  private NotebookValues() {}

  static String newKey() {
    return UUID.randomUUID().toString();
  }

  static String put(Object value) {
    String key = newKey();
    VALUES.put(key, value);
    return key;
  }

  /** Receives the values of variables under a key, for {@link #take}. */
  public static void give(String key, Object[] values) {
    VALUES.put(key, values);
  }

  /** Takes a value; it can be taken once. */
  public static Object take(String key) {
    Object value = VALUES.remove(key);
    if (value == null) {
      throw new IllegalStateException("there is no value under " + key);
    }
    return value;
  }
}
