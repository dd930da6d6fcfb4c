package org.megalab.data;

/** The range check that all synthetic tasks share. */
final class Ranges {
  private Ranges() {}

  /** Refuses a setting of a task that is out of range. */
  static void check(String task, String setting, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s: %s must be between %d and %d, got %d".formatted(task, setting, least, most, value));
    }
  }
}
