package org.megalab.model;

import java.util.List;
import org.megalab.json.ConfigException;
import org.megalab.layer.NormKind;

/** What many configurations check. */
final class ConfigChecks {

  private ConfigChecks() {}

  static void positive(String name, int value) {
    ConfigException.check(value > 0, "%s must be positive, got %d", name, value);
  }

  static void positive(String name, double value) {
    ConfigException.check(value > 0, "%s must be positive, got %s", name, value);
  }

  static void notNegative(String name, int value) {
    ConfigException.check(value >= 0, "%s must not be negative, got %d", name, value);
  }

  static void probability(String name, double value) {
    ConfigException.check(
        value >= 0 && value < 1, "%s must be at least 0 and below 1, got %s", name, value);
  }

  static void vocabulary(int vocabularySize, int startId) {
    ConfigException.check(
        vocabularySize > 1, "vocabularySize must be at least 2, got %d", vocabularySize);
    ConfigException.check(
        startId >= -1 && startId < vocabularySize,
        "startId must be -1 (an embedding of its own) or an id below vocabularySize = %d, got %d",
        vocabularySize,
        startId);
  }

  static void divides(String name, int divisor, String ofName, int of) {
    ConfigException.check(
        divisor > 0 && of % divisor == 0,
        "%s = %d does not divide %s = %d; take a divisor of it",
        name,
        divisor,
        ofName,
        of);
  }

  static void causal(NormKind norm) {
    ConfigException.check(
        norm != NormKind.BATCH,
        "norm = batch lets every step see the steps after it, which a language model must not; take"
            + " layer, rms or scale, or build a classifier around newEncoder()");
  }

  static ConfigException unknownPreset(String architecture, String name, List<String> presets) {
    return new ConfigException(
        "there is no preset \""
            + name
            + "\" of the architecture "
            + architecture
            + "; there are "
            + presets);
  }
}
