package org.megalab.model;

import com.google.gson.JsonObject;
import org.megalab.json.ConfigException;
import org.megalab.layer.EncoderStack;

/**
 * The configuration of an architecture that can also read in both directions, as the body of a
 * {@link SequenceClassifier}.
 */
public interface EncoderConfig extends ModelConfig {

  /** Returns D, the width of the steps that the encoder reads and gives. */
  int modelDim();

  /**
   * Creates the layers and the final norm, without embedding and head, for both directions.
   *
   * @throws ConfigException if the configuration fits a causal model only
   */
  EncoderStack newEncoder();

  /**
   * Reads the JSON tree of a configuration's text form.
   *
   * @throws ConfigException if it is wrong, or of an architecture that reads in one direction only
   */
  static EncoderConfig fromTree(JsonObject object) {
    ModelConfig config = ModelConfig.fromTree(object);
    if (config instanceof EncoderConfig encoder) {
      return encoder;
    }
    throw new ConfigException(
        "the architecture \""
            + config.architecture()
            + "\" reads in one direction only; take one that can read in both, such as megalodon");
  }
}
