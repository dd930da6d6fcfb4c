package org.example;

import java.util.List;
import org.megalab.json.ConfigException;
import org.megalab.model.Architecture;
import org.megalab.model.ModelConfig;

/**
 * What a {@link GruModel} is built from.
 *
 * @param vocabularySize V
 * @param contextLength T, the length of a training window
 * @param modelDim D
 * @param layers L
 */
public record GruConfig(int vocabularySize, int contextLength, int modelDim, int layers)
    implements ModelConfig {

  static final String ARCHITECTURE = "example-gru";

  /** Checks the values. */
  public GruConfig {
    for (int value : new int[] {vocabularySize, contextLength, modelDim, layers}) {
      ConfigException.check(value > 0, "all values must be positive, got %d", value);
    }
  }

  /** Makes the architecture known. */
  static void register() {
    Architecture.register(
        new Architecture<>(ARCHITECTURE, GruConfig.class, List.of("mini"), GruConfig::preset));
  }

  /** Returns the only preset. */
  static GruConfig preset(String name) {
    ConfigException.check(name.equals("mini"), "there is no preset \"%s\"; there is mini", name);
    return builder().setContextLength(32).setModelDim(24).setLayers(1).build();
  }

  @Override
  public String architecture() {
    return ARCHITECTURE;
  }

  @Override
  public GruModel newModel() {
    return new GruModel(this);
  }

  /** Returns a builder for bytes. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .optVocabularySize(vocabularySize)
        .setContextLength(contextLength)
        .setModelDim(modelDim)
        .setLayers(layers);
  }

  /** Collects the values. */
  public static final class Builder {
    private int vocabularySize = 256;
    private int contextLength;
    private int modelDim;
    private int layers;

    private Builder() {}

    /** Sets V; 256 when not set. */
    public Builder optVocabularySize(int vocabularySize) {
      this.vocabularySize = vocabularySize;
      return this;
    }

    /** Sets T. */
    public Builder setContextLength(int contextLength) {
      this.contextLength = contextLength;
      return this;
    }

    /** Sets D. */
    public Builder setModelDim(int modelDim) {
      this.modelDim = modelDim;
      return this;
    }

    /** Sets L. */
    public Builder setLayers(int layers) {
      this.layers = layers;
      return this;
    }

    /** Returns the configuration. */
    public GruConfig build() {
      return new GruConfig(vocabularySize, contextLength, modelDim, layers);
    }
  }
}
