package org.megalab.json;

/** A configuration that is malformed or contradicts itself; the message says what to change. */
public final class ConfigException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  /** Creates it with a message that names the key, the value got, and what is allowed. */
  public ConfigException(String message) {
    super(message);
  }

  /** Throws unless the condition holds. */
  public static void check(boolean condition, String format, Object... arguments) {
    if (!condition) {
      throw new ConfigException(String.format(java.util.Locale.ROOT, format, arguments));
    }
  }
}
