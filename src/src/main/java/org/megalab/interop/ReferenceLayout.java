package org.megalab.interop;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.util.Map;
import org.megalab.json.ConfigException;
import org.megalab.model.ModelConfig;

/**
 * How one reference implementation stores its models. To add one, implement this and list it in
 * {@link ReferenceCheckpoint}.
 *
 * @param <C> the configuration of our model that computes the same function
 */
interface ReferenceLayout<C extends ModelConfig> {

  /** Returns the reference, and how its configurations are told from others. */
  String title();

  /** Returns the configuration's class. */
  Class<C> type();

  /** Returns whether a configuration is one of this reference, supported or not. */
  boolean describes(JsonObject config);

  /**
   * Reads the reference's configuration.
   *
   * @throws ConfigException if a value is missing, malformed, or has no counterpart here
   */
  C read(JsonObject config);

  /**
   * Returns the reference's configuration.
   *
   * @throws ConfigException if the reference has no counterpart of a value
   */
  JsonObject write(C config);

  /** Returns the reference's name of the parameter with a dotted path. */
  String tensor(C config, String path);

  /** Returns the reference's shape of a tensor, which may have more axes of length 1 than ours. */
  default Shape shape(String tensor, Shape ours) {
    return ours;
  }

  /** Returns the vectors that the reference stores next to the parameters, by name. */
  default Map<String, float[]> buffers(C config) {
    return Map.of();
  }

  /** Returns whether a tensor is none of the parameters and rightly in a file: a table, a copy. */
  boolean isBuffer(C config, String tensor);
}
