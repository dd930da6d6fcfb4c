package org.megalab.model;

import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;

/**
 * What a {@link SequenceClassifier} is built from.
 *
 * <pre>
 * {"encoder": {"architecture": "megalodon", "preset": "tiny", "norm": "group"}, "classes": 10, "input": "real"}
 * </pre>
 *
 * @param encoder the architecture that reads the sequence, in both directions
 * @param classes C, the number of classes
 * @param input what a step of the input is
 * @param hiddenDim the width of the layer between mean and classes
 * @param pair whether an input is two sequences of equal length, which are encoded apart
 */
public record ClassifierConfig(
    EncoderConfig encoder, int classes, Input input, int hiddenDim, boolean pair)
    implements TrainableConfig {

  /** What a step of the input is. */
  public enum Input {
    /** An id of the encoder's vocabulary, such as a byte. */
    SYMBOLS,
    /** A real number, such as a pixel or a sample of sound. */
    REAL
  }

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range
   */
  public ClassifierConfig {
    ConfigException.check(classes > 1, "classes must be at least 2, got %d", classes);
    ConfigChecks.positive("hiddenDim", hiddenDim);
    if (pair) {
      ConfigChecks.product("2 * modelDim", 2, encoder.modelDim());
    }
  }

  @Override
  public String architecture() {
    return encoder.architecture();
  }

  @Override
  public SequenceClassifier newModel() {
    return new SequenceClassifier(this);
  }

  @Override
  public String toJson() {
    return RecordJson.write(this);
  }

  /**
   * Reads the text form.
   *
   * @throws ConfigException if the text is malformed, a key is unknown, or values contradict each
   *     other
   */
  public static ClassifierConfig fromJson(String json) {
    return RecordJson.read(RecordJson.parse(json), ClassifierConfig.class);
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .setEncoder(encoder)
        .setClasses(classes)
        .optInput(input)
        .optHiddenDim(hiddenDim)
        .optPair(pair);
  }

  /** Collects the values. */
  public static final class Builder {
    private @Nullable EncoderConfig encoder;
    private int classes;
    private Input input = Input.SYMBOLS;
    private @Nullable Integer hiddenDim;
    private boolean pair;

    private Builder() {}

    /** Sets the architecture that reads the sequence. */
    public Builder setEncoder(EncoderConfig encoder) {
      this.encoder = encoder;
      return this;
    }

    /** Sets C. */
    public Builder setClasses(int classes) {
      this.classes = classes;
      return this;
    }

    /** Sets what a step of the input is; symbols when not set. */
    public Builder optInput(Input input) {
      this.input = input;
      return this;
    }

    /** Sets the width between mean and classes; twice the encoder's when not set. */
    public Builder optHiddenDim(int hiddenDim) {
      this.hiddenDim = hiddenDim;
      return this;
    }

    /** Sets whether an input is two sequences, as in retrieval; false when not set. */
    public Builder optPair(boolean pair) {
      this.pair = pair;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws ConfigException if a value is missing or out of range
     */
    public ClassifierConfig build() {
      if (encoder == null) {
        throw new ConfigException("a classifier needs an encoder, such as MegalodonConfig.preset");
      }
      int width = encoder.modelDim();
      if (hiddenDim == null) {
        ConfigChecks.product("hiddenDim = 2 * modelDim", 2, width);
      }
      return new ClassifierConfig(
          encoder, classes, input, hiddenDim == null ? 2 * width : hiddenDim, pair);
    }
  }
}
