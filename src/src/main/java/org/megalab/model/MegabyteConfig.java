package org.megalab.model;

import java.util.List;
import java.util.Locale;
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
 * @param convolutionalEncoder the widths of causal convolutions over the bytes before they are cut
 *     into patches, 3, 5 and 7 in the paper (its ablation "CNN encoder"); empty for none
 * @param crossPatch r, the steps of the patch before that every local layer also attends to, 0 to
 *     P; needs {@code localPosition = rotary}. The paper's models have it without saying how far;
 *     its presets here take r = P
 * @param localFirstInput what the local model reads at the first slot of a patch: a learned pad
 *     (the paper), or the byte before
 * @param globalModel whether there is a global model; false is the paper's ablation "no global
 *     model", which leaves {@code global}, {@code globalPosition} and {@code globalPad} unused
 * @param localModel whether there is a local model; false is the paper's ablation "no local model",
 *     which leaves all of {@code local} but its width unused, and {@code localPosition}
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
    List<Integer> convolutionalEncoder,
    int crossPatch,
    LocalFirstInput localFirstInput,
    boolean globalModel,
    boolean localModel,
    boolean tiedOutput,
    double dropout,
    double initStd)
    implements ModelConfig, Patched {

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

  /** What the local model reads at the first slot of a patch. */
  public enum LocalFirstInput {
    /** A learned vector. */
    PAD,
    /** The embedding of the last byte of the patch before; the pad before the first byte only. */
    PREVIOUS_BYTE
  }

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public MegabyteConfig {
    convolutionalEncoder = List.copyOf(convolutionalEncoder);
    ConfigChecks.vocabularySize(vocabularySize);
    ConfigChecks.positive("patchSize", patchSize);
    ConfigChecks.positive("contextLength", contextLength);
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
    checkConvolutions(convolutionalEncoder, globalModel);
    ConfigException.check(
        crossPatch >= 0 && crossPatch <= patchSize,
        "crossPatch reaches into one patch, 0 to patchSize = %d, got %d",
        patchSize,
        crossPatch);
    ConfigException.check(
        crossPatch == 0 || localPosition == Position.ROTARY,
        "crossPatch = %d needs localPosition = rotary, which tells the patches apart, got"
            + " localPosition = %s",
        crossPatch,
        localPosition.name().toLowerCase(Locale.ROOT));
    ConfigException.check(
        globalModel || localModel,
        "globalModel = false and localModel = false leave no model; take one of them out");
    ConfigException.check(
        localModel || crossPatch == 0,
        "crossPatch = %d is a reach of the local model, and localModel = false; take crossPatch = 0",
        crossPatch);
    ConfigException.check(
        localModel || localFirstInput == LocalFirstInput.PAD,
        "localFirstInput = previous_byte is an input of the local model, and localModel = false;"
            + " take localFirstInput = pad");
    ConfigChecks.probability("dropout", dropout);
    ConfigChecks.positive("initStd", initStd);
  }

  private static void checkConvolutions(List<Integer> widths, boolean globalModel) {
    ConfigException.check(
        widths.stream().allMatch(width -> width > 1),
        "convolutionalEncoder must be widths of at least 2, got %s; the paper's are [3, 5, 7]",
        widths);
    ConfigException.check(
        globalModel || widths.isEmpty(),
        "convolutionalEncoder = %s encodes bytes for the global model, and globalModel = false; take"
            + " convolutionalEncoder = []",
        widths);
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

  /**
   * {@inheritDoc} A P-th of the global Transformer, of width W_G over T / P patches, the local one
   * over P + r keys, and between them D_G D_L (Yu et al. 2023, section 3.1):
   *
   * <pre>
   * (2 L_G (4 W_G² + 2 W_G F_G) + 2 L_G (T / P) W_G) / P
   *   + 2 L_L (4 D_L² + 2 D_L F_L) + 2 L_L (P + r) D_L + 2 D_G D_L + 2 D_L V
   * </pre>
   *
   * A convolution of width w adds 2 w D_G².
   */
  @Override
  public Flops flops(int contextLength) {
    double localDim = local.modelDim();
    Flops flops = Flops.output(localDim, vocabularySize);
    if (globalModel) {
      double byteDim = globalByteDim();
      int taps = convolutionalEncoder.stream().mapToInt(Integer::intValue).sum();
      flops =
          flops
              .plus(Flops.weights(taps * byteDim * byteDim + byteDim * localDim))
              .plus(
                  Flops.transformer(global, (double) contextLength / patchSize)
                      .times(1.0 / patchSize));
    }
    return localModel
        ? flops.plus(Flops.transformer(local, (double) patchSize + crossPatch))
        : flops;
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
        .optConvolutionalEncoder(convolutionalEncoder)
        .optCrossPatch(crossPatch)
        .optLocalFirstInput(localFirstInput)
        .optGlobalModel(globalModel)
        .optLocalModel(localModel)
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
    private List<Integer> convolutionalEncoder = List.of();
    private int crossPatch;
    private LocalFirstInput localFirstInput = LocalFirstInput.PAD;
    private boolean globalModel = true;
    private boolean localModel = true;
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

    /** Sets the widths of the convolutions before the patches; none when not set. */
    public Builder optConvolutionalEncoder(List<Integer> convolutionalEncoder) {
      this.convolutionalEncoder = convolutionalEncoder;
      return this;
    }

    /** Sets r, how far the local model reaches into the patch before; 0 when not set. */
    public Builder optCrossPatch(int crossPatch) {
      this.crossPatch = crossPatch;
      return this;
    }

    /** Sets what the local model reads at the first slot; the pad when not set. */
    public Builder optLocalFirstInput(LocalFirstInput localFirstInput) {
      this.localFirstInput = localFirstInput;
      return this;
    }

    /** Sets whether there is a global model; true when not set. */
    public Builder optGlobalModel(boolean globalModel) {
      this.globalModel = globalModel;
      return this;
    }

    /** Sets whether there is a local model; true when not set. */
    public Builder optLocalModel(boolean localModel) {
      this.localModel = localModel;
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
          convolutionalEncoder,
          crossPatch,
          localFirstInput,
          globalModel,
          localModel,
          tiedOutput,
          dropout,
          initStd);
    }
  }
}
