package org.megalab.model;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;
import org.megalab.layer.RelativeAttention;

/**
 * What a {@link TransformerXl} is built from.
 *
 * <p>The parameters depend neither on the segments nor on the memory, the clamp and {@code
 * sameLength}: evaluate with other values than those of the training by building a model of the
 * changed configuration and loading the same parameters.
 *
 * @param vocabularySize V, the number of symbols
 * @param contextLength T, the length of a training window
 * @param startId the id that stands before the first symbol; −1 for an embedding of its own
 * @param modelDim D, even
 * @param layers L
 * @param heads H
 * @param headDim d, the width of a head; H·d may differ from D
 * @param feedForwardDim F
 * @param segmentLength Q, the steps of a segment
 * @param memoryLength M, the steps before a segment that it sees too; 0 for none
 * @param clampLength the distance at which all larger ones are taken to be; 0 for no limit
 * @param sameLength whether every step sees just M steps, itself included, however far into its
 *     segment it is
 * @param preNorm whether the norms stand before the branches
 * @param tiedOutput whether the output matrix is the embedding
 * @param dropout the probability of dropping in training, but for attention probabilities
 * @param attentionDropout the probability of dropping attention probabilities in training
 * @param initStd the standard deviation of the initial weights, and of the norms' weights around 1
 */
public record TransformerXlConfig(
    int vocabularySize,
    int contextLength,
    int startId,
    int modelDim,
    int layers,
    int heads,
    int headDim,
    int feedForwardDim,
    int segmentLength,
    int memoryLength,
    int clampLength,
    boolean sameLength,
    boolean preNorm,
    boolean tiedOutput,
    double dropout,
    double attentionDropout,
    double initStd)
    implements ModelConfig {

  /** The name of this architecture in the text form. */
  public static final String ARCHITECTURE = "transformer-xl";

  /**
   * Checks the values.
   *
   * @throws ConfigException naming the values that are out of range or contradict each other
   */
  public TransformerXlConfig {
    ConfigChecks.vocabulary(vocabularySize, startId);
    ConfigChecks.positive("contextLength", contextLength);
    ConfigChecks.positive("modelDim", modelDim);
    ConfigException.check(
        modelDim % 2 == 0,
        "modelDim = %d must be even: relative positions are pairs of sine and cosine",
        modelDim);
    ConfigChecks.layers("layers", layers);
    ConfigChecks.positive("heads", heads);
    ConfigChecks.positive("headDim", headDim);
    ConfigChecks.product("heads * headDim", heads, headDim);
    ConfigChecks.positive("feedForwardDim", feedForwardDim);
    ConfigChecks.positive("segmentLength", segmentLength);
    ConfigChecks.notNegative("memoryLength", memoryLength);
    ConfigChecks.sum("segmentLength + memoryLength", segmentLength, memoryLength);
    ConfigChecks.notNegative("clampLength", clampLength);
    ConfigException.check(
        !sameLength || memoryLength > 0,
        "sameLength = true lets every step see memoryLength steps, itself included, but"
            + " memoryLength = 0; take a positive one");
    ConfigChecks.probability("dropout", dropout);
    ConfigChecks.probability("attentionDropout", attentionDropout);
    ConfigChecks.positive("initStd", initStd);
  }

  /** Returns what a step may see. */
  RelativeAttention.Segments segments() {
    return new RelativeAttention.Segments(segmentLength, memoryLength, clampLength, sameLength);
  }

  @Override
  public String architecture() {
    return ARCHITECTURE;
  }

  @Override
  public TransformerXl newModel() {
    return new TransformerXl(this);
  }

  /**
   * {@inheritDoc} With q = min(Q, T) and m = min(M, T − q): keys and values of m + q steps are made
   * for every q, and a score has two products, with the key and with its distance. The vectors of
   * the distances are made once a segment for a whole batch and are not counted.
   *
   * <pre>
   * 2 L (2 D H d (1 + (m + q) / q) + 2 D F) + 3 L (m + q) H d + 2 D V
   * </pre>
   */
  @Override
  public Flops flops(int contextLength) {
    double dim = modelDim;
    double inner = (double) heads * headDim;
    int segment = Math.min(segmentLength, contextLength);
    double keys = segment + (double) Math.min(memoryLength, contextLength - segment);
    return Flops.weights(2 * dim * inner * (1 + keys / segment) + 2 * dim * feedForwardDim)
        .plus(Flops.attention(keys, 2 * inner, inner))
        .times(layers)
        .plus(Flops.output(dim, vocabularySize));
  }

  /** Returns the names that {@link #preset} knows. */
  public static List<String> presetNames() {
    return List.of("tiny", "small", "enwik8-base", "wikitext103-base", "wikitext103-large");
  }

  /**
   * Returns a preset: {@code tiny} and {@code small} for notebooks; the others have the published
   * sizes and the segments of their training, and windows of one segment and one memory. They were
   * evaluated with segments, memory and clamp of 80, 2100, 820 (enwik8), 64, 640, 400 and 128,
   * 1600, 1000, with {@code sameLength}. The large one was published with adaptive embedding and
   * softmax, which are not here: it has one full table, and more parameters for it.
   *
   * @throws ConfigException if there is none of that name
   */
  public static TransformerXlConfig preset(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "tiny" -> notebook(128, 2, 4, 512, 128);
      case "small" -> notebook(256, 6, 8, 1024, 512);
      case "enwik8-base" -> sizes(512, 12, 8, 2048, 512).build();
      case "wikitext103-base" -> sizes(410, 16, 10, 2100, 150).optVocabularySize(267_735).build();
      case "wikitext103-large" ->
          sizes(1024, 18, 16, 4096, 384)
              .optVocabularySize(267_735)
              .optDropout(0.2)
              .optAttentionDropout(0.2)
              .build();
      default -> throw ConfigChecks.unknownPreset(ARCHITECTURE, name, presetNames());
    };
  }

  /** Small widths learn faster from a wider initialisation, and a few minutes need no dropout. */
  private static TransformerXlConfig notebook(
      int modelDim, int layers, int heads, int feedForwardDim, int segmentLength) {
    return sizes(modelDim, layers, heads, feedForwardDim, segmentLength)
        .optInitStd(0.05)
        .optDropout(0)
        .build();
  }

  private static Builder sizes(
      int modelDim, int layers, int heads, int feedForwardDim, int segmentLength) {
    return builder()
        .setContextLength(2 * segmentLength)
        .setModelDim(modelDim)
        .setLayers(layers)
        .setHeads(heads)
        .optFeedForwardDim(feedForwardDim)
        .setSegmentLength(segmentLength)
        .setMemoryLength(segmentLength);
  }

  /** Returns a builder with the reference's defaults, for bytes. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder()
        .optVocabularySize(vocabularySize)
        .setContextLength(contextLength)
        .optStartId(startId)
        .setModelDim(modelDim)
        .setLayers(layers)
        .setHeads(heads)
        .optHeadDim(headDim)
        .optFeedForwardDim(feedForwardDim)
        .setSegmentLength(segmentLength)
        .setMemoryLength(memoryLength)
        .optClampLength(clampLength)
        .optSameLength(sameLength)
        .optPreNorm(preNorm)
        .optTiedOutput(tiedOutput)
        .optDropout(dropout)
        .optAttentionDropout(attentionDropout)
        .optInitStd(initStd);
  }

  /** Collects the values; what is not set is as in the reference's smaller models. */
  public static final class Builder {
    private int vocabularySize = 256;
    private int contextLength;
    private int startId = -1;
    private int modelDim;
    private int layers;
    private int heads;
    private @Nullable Integer headDim;
    private @Nullable Integer feedForwardDim;
    private int segmentLength;
    private int memoryLength;
    private int clampLength;
    private boolean sameLength;
    private boolean preNorm;
    private boolean tiedOutput = true;
    private double dropout = 0.1;
    private double attentionDropout;
    private double initStd = 0.02;

    private Builder() {}

    /** Sets V; 256 when not set. */
    public Builder optVocabularySize(int vocabularySize) {
      this.vocabularySize = vocabularySize;
      return this;
    }

    /** Sets T, the length of a training window. */
    public Builder setContextLength(int contextLength) {
      this.contextLength = contextLength;
      return this;
    }

    /** Sets the id that stands before the first symbol; an embedding of its own when not set. */
    public Builder optStartId(int startId) {
      this.startId = startId;
      return this;
    }

    /** Sets D, an even number. */
    public Builder setModelDim(int modelDim) {
      this.modelDim = modelDim;
      return this;
    }

    /** Sets L. */
    public Builder setLayers(int layers) {
      this.layers = layers;
      return this;
    }

    /** Sets H. */
    public Builder setHeads(int heads) {
      this.heads = heads;
      return this;
    }

    /** Sets d; D/H when not set. */
    public Builder optHeadDim(int headDim) {
      this.headDim = headDim;
      return this;
    }

    /** Sets F; 4D when not set. */
    public Builder optFeedForwardDim(int feedForwardDim) {
      this.feedForwardDim = feedForwardDim;
      return this;
    }

    /** Sets Q, the steps of a segment. */
    public Builder setSegmentLength(int segmentLength) {
      this.segmentLength = segmentLength;
      return this;
    }

    /** Sets M, the steps before a segment that it sees too; 0 for none. */
    public Builder setMemoryLength(int memoryLength) {
      this.memoryLength = memoryLength;
      return this;
    }

    /** Sets the distance at which all larger ones are taken to be; 0, no limit, when not set. */
    public Builder optClampLength(int clampLength) {
      this.clampLength = clampLength;
      return this;
    }

    /** Sets whether every step sees just M steps, itself included; false when not set. */
    public Builder optSameLength(boolean sameLength) {
      this.sameLength = sameLength;
      return this;
    }

    /** Sets whether the norms stand before the branches; false when not set. */
    public Builder optPreNorm(boolean preNorm) {
      this.preNorm = preNorm;
      return this;
    }

    /** Sets whether the output matrix is the embedding; true when not set. */
    public Builder optTiedOutput(boolean tiedOutput) {
      this.tiedOutput = tiedOutput;
      return this;
    }

    /** Sets the dropout probability; 0.1 when not set. */
    public Builder optDropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    /** Sets the probability of dropping attention probabilities; 0 when not set. */
    public Builder optAttentionDropout(double attentionDropout) {
      this.attentionDropout = attentionDropout;
      return this;
    }

    /** Sets the standard deviation of the initial weights; 0.02 when not set. */
    public Builder optInitStd(double initStd) {
      this.initStd = initStd;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws ConfigException if a value is missing or values contradict each other
     */
    public TransformerXlConfig build() {
      return new TransformerXlConfig(
          vocabularySize,
          contextLength,
          startId,
          modelDim,
          layers,
          heads,
          ConfigChecks.headDim(headDim, modelDim, heads),
          ConfigChecks.feedForwardDim(feedForwardDim, modelDim),
          segmentLength,
          memoryLength,
          clampLength,
          sameLength,
          preNorm,
          tiedOutput,
          dropout,
          attentionDropout,
          initStd);
    }
  }
}
