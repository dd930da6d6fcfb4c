package org.megalab.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;

/**
 * What a {@link Megabyte} is built from.
 *
 * <p>As in the paper's tables, {@code global.modelDim} is the width of the global Transformer,
 * P·D_G: one byte slot of it is D_G = {@code global.modelDim / patchSize} wide.
 *
 * @param vocabularySize V, the number of symbols
 * @param contextLength T, in bytes; a multiple of the patch size
 * @param patchSize P, in bytes
 * @param global the global Transformer, over patches
 * @param local the local Transformer, over the bytes of a patch
 * @param globalPosition how the global model knows positions: a learned table over bytes (the
 *     paper), rotation by patch, or not at all
 * @param localPosition how the local model knows its slots: not at all (the paper: the slice of the
 *     global output tells the slot), a learned table over slots, or rotation
 * @param globalPad what stands before the first patch: learned vectors (the paper's equations), or
 *     the embedding of byte 0 (the paper's listing)
 * @param tiedOutput whether the output matrix is the local byte embedding (the paper)
 * @param dropout the probability of dropping in training
 * @param initStd the standard deviation of the initial weights, truncated at two of it
 */
public record MegabyteConfig(
    int vocabularySize,
    int contextLength,
    int patchSize,
    TransformerSize global,
    TransformerSize local,
    Position globalPosition,
    Position localPosition,
    GlobalPad globalPad,
    boolean tiedOutput,
    double dropout,
    double initStd)
    implements ModelConfig {

  /** The name of this architecture in the text form. */
  public static final String ARCHITECTURE = "megabyte";

  /** How a Transformer knows positions. */
  public enum Position {
    /** Not at all. */
    NONE,
    /** A learned vector a position, added to the input. */
    LEARNED,
    /** Queries and keys rotated by their position; needs an even head dimension. */
    ROTARY
  }

  /** What the global model reads before the first patch. */
  public enum GlobalPad {
    /** One learned vector a slot, without position. */
    LEARNED,
    /**
     * The embedding of byte 0, at the first P positions; every byte then stands P positions later.
     */
    ZERO_BYTE
  }

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public MegabyteConfig {
    ConfigException.check(
        vocabularySize > 1, "vocabularySize must be at least 2, got %d", vocabularySize);
    ConfigException.check(patchSize > 0, "patchSize must be positive, got %d", patchSize);
    ConfigException.check(
        contextLength > 0, "contextLength must be positive, got %d", contextLength);
    ConfigException.check(
        contextLength % patchSize == 0,
        "patchSize = %d does not divide contextLength = %d; take contextLength = %d",
        patchSize,
        contextLength,
        Math.max(1, Math.round((double) contextLength / patchSize)) * patchSize);
    ConfigException.check(
        global.modelDim() % patchSize == 0,
        "patchSize = %d does not divide global.modelDim = %d, which holds one slot a byte of the"
            + " patch; take global.modelDim = %d",
        patchSize,
        global.modelDim(),
        Math.max(1, Math.round((double) global.modelDim() / patchSize)) * patchSize);
    checkRotary("global", globalPosition, global);
    checkRotary("local", localPosition, local);
    ConfigException.check(
        dropout >= 0 && dropout < 1, "dropout must be at least 0 and below 1, got %s", dropout);
    ConfigException.check(initStd > 0, "initStd must be positive, got %s", initStd);
  }

  private static void checkRotary(String which, Position position, TransformerSize size) {
    ConfigException.check(
        position != Position.ROTARY || size.headDim() % 2 == 0,
        "%sPosition = rotary turns pairs of channels, but the head dimension is %d = %d/%d; take"
            + " another number of heads",
        which,
        size.headDim(),
        size.modelDim(),
        size.heads());
  }

  /** Returns K, the number of patches in a full context. */
  public int patches() {
    return contextLength / patchSize;
  }

  /** Returns D_G, the width of one byte slot of the global model. */
  public int globalByteDim() {
    return global.modelDim() / patchSize;
  }

  @Override
  public String architecture() {
    return ARCHITECTURE;
  }

  @Override
  public Megabyte newModel() {
    return new Megabyte(this);
  }

  /** Returns the names that {@link #preset} knows. */
  public static List<String> presetNames() {
    return MegabytePresets.names();
  }

  /**
   * Returns a preset: {@code tiny} and {@code small} for notebooks, or a model of the paper's
   * tables.
   *
   * @throws ConfigException if there is none of that name
   */
  public static MegabyteConfig preset(String name) {
    return MegabytePresets.get(name);
  }

  /** Returns a builder with the paper's defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .optVocabularySize(vocabularySize)
        .setContextLength(contextLength)
        .setPatchSize(patchSize)
        .setGlobal(global)
        .setLocal(local)
        .optGlobalPosition(globalPosition)
        .optLocalPosition(localPosition)
        .optGlobalPad(globalPad)
        .optTiedOutput(tiedOutput)
        .optDropout(dropout)
        .optInitStd(initStd);
  }

  /** Collects the values; what is not set is as in the paper. */
  public static final class Builder {
    private int vocabularySize = 256;
    private int contextLength;
    private int patchSize;
    private @Nullable TransformerSize global;
    private @Nullable TransformerSize local;
    private Position globalPosition = Position.LEARNED;
    private Position localPosition = Position.NONE;
    private GlobalPad globalPad = GlobalPad.LEARNED;
    private boolean tiedOutput = true;
    private double dropout = 0.1;
    private double initStd = 0.006;

    private Builder() {}

    /** Sets V; 256 when not set. */
    public Builder optVocabularySize(int vocabularySize) {
      this.vocabularySize = vocabularySize;
      return this;
    }

    /** Sets T in bytes, a multiple of the patch size. */
    public Builder setContextLength(int contextLength) {
      this.contextLength = contextLength;
      return this;
    }

    /** Sets P in bytes. */
    public Builder setPatchSize(int patchSize) {
      this.patchSize = patchSize;
      return this;
    }

    /** Sets the global Transformer; its width is a multiple of the patch size. */
    public Builder setGlobal(TransformerSize global) {
      this.global = global;
      return this;
    }

    /** Sets the local Transformer. */
    public Builder setLocal(TransformerSize local) {
      this.local = local;
      return this;
    }

    /** Sets how the global model knows positions; learned when not set. */
    public Builder optGlobalPosition(Position globalPosition) {
      this.globalPosition = globalPosition;
      return this;
    }

    /** Sets how the local model knows its slots; none when not set. */
    public Builder optLocalPosition(Position localPosition) {
      this.localPosition = localPosition;
      return this;
    }

    /** Sets what stands before the first patch; learned when not set. */
    public Builder optGlobalPad(GlobalPad globalPad) {
      this.globalPad = globalPad;
      return this;
    }

    /** Sets whether the output matrix is the local byte embedding; true when not set. */
    public Builder optTiedOutput(boolean tiedOutput) {
      this.tiedOutput = tiedOutput;
      return this;
    }

    /** Sets the dropout probability; 0.1 when not set. */
    public Builder optDropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    /**
     * Sets the standard deviation of the initial weights; 0.006 when not set, small models want
     * 0.02.
     */
    public Builder optInitStd(double initStd) {
      this.initStd = initStd;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws ConfigException if a value is missing or values contradict each other
     */
    public MegabyteConfig build() {
      if (global == null || local == null || contextLength == 0 || patchSize == 0) {
        throw new ConfigException(
            "a MEGABYTE needs contextLength, patchSize, global and local (or a preset); missing: "
                + (contextLength == 0 ? "contextLength " : "")
                + (patchSize == 0 ? "patchSize " : "")
                + (global == null ? "global " : "")
                + (local == null ? "local" : ""));
      }
      return new MegabyteConfig(
          vocabularySize,
          contextLength,
          patchSize,
          global,
          local,
          globalPosition,
          localPosition,
          globalPad,
          tiedOutput,
          dropout,
          initStd);
    }
  }
}
