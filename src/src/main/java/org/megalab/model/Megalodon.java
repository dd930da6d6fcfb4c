package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.initializer.UniformInitializer;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.ComplexEma;
import org.megalab.layer.DampedEma;
import org.megalab.layer.EncoderStack;
import org.megalab.layer.FeedForward;
import org.megalab.layer.GroupNorm;
import org.megalab.layer.Initializers;
import org.megalab.layer.LayerNorm;
import org.megalab.layer.LayerStack;
import org.megalab.layer.MegalodonLayer;
import org.megalab.layer.NormWeight;
import org.megalab.layer.NormalizedAttention;
import org.megalab.layer.RmsNorm;
import org.megalab.layer.SequenceLayer;
import org.megalab.layer.StreamingLayer;
import org.megalab.layer.TimestepNorm;

/**
 * MEGALODON (Ma et al. 2024): {@link MegalodonLayer}s between an embedding and a head, with a
 * timestep norm before it. As in the reference implementation where paper and code differ.
 *
 * <pre>
 * x = √D · E[ids] (or E[ids]);  x ← block_ℓ(x) for all ℓ;  logits = W_out · TimestepNorm(x)
 * </pre>
 *
 * What it remembers of the past is bounded however long that is: the statistics of the norms, the
 * state of the moving averages, and the keys and values of the chunk under way.
 */
public final class Megalodon extends LanguageModel {

  private final MegalodonConfig config;
  private final LayerStack layers;

  /** Creates the model, without memory for its parameters yet. */
  public Megalodon(MegalodonConfig config) {
    this(config, stack(config));
  }

  private Megalodon(MegalodonConfig config, LayerStack layers) {
    super(
        new Vocabulary(
            config.vocabularySize(),
            config.startId(),
            config.modelDim(),
            config.scaledEmbedding() ? Math.sqrt((double) config.modelDim()) : 1,
            config.tiedOutput(),
            config.dropout(),
            Initializers.truncatedNormal(
                1 / Math.sqrt((double) config.modelDim()),
                3 / Math.sqrt((double) config.modelDim()))),
        layers);
    this.config = config;
    this.layers = layers;
  }

  private static LayerStack stack(MegalodonConfig config) {
    LayerStack stack = new LayerStack();
    for (int i = 0; i < config.layers(); i++) {
      stack.add("layers." + i, layer(config, i, false));
    }
    stack.add("norm", (StreamingLayer) norm(config));
    return stack;
  }

  /**
   * Creates the blocks and the final norm without embedding and head, reading in both directions:
   * two complex averages, and attention to all of a chunk.
   */
  static EncoderStack encoder(MegalodonConfig config) {
    EncoderStack stack = new EncoderStack();
    for (int i = 0; i < config.layers(); i++) {
      stack.add("layers." + i, layer(config, i, true));
    }
    return stack.add("norm", norm(config));
  }

  /** Creates block i. */
  static MegalodonLayer layer(MegalodonConfig config, int i, boolean bidirectional) {
    int dim = config.modelDim();
    NormWeight weight = config.normWeights() ? NormWeight.PLUS_ONE : NormWeight.NONE;
    return new MegalodonLayer(
        dim,
        new MegalodonLayer.Parts(
            norm(config),
            ema(config, bidirectional),
            new RmsNorm(dim, weight, config.normEpsilon()),
            new NormalizedAttention(
                dim,
                config.sharedDim(),
                config.valueDim(),
                options(config),
                (outputs, inputs) -> weights(config, outputs, inputs)),
            new LayerNorm(dim, weight, config.normEpsilon()),
            new FeedForward(
                dim,
                config.feedForwardDim(),
                config.swiglu() ? FeedForward.Activation.SWIGLU : FeedForward.Activation.SILU,
                false,
                config.hiddenDropout(),
                config.dropout(),
                weights(config, config.feedForwardDim(), dim),
                weights(config, dim, config.feedForwardDim()))),
        config.residual() == MegalodonConfig.Residual.TWO_HOP,
        config.rescaledFeedForward() ? 0.1 * Math.pow(0.5, i) : 0,
        config.hiddenDropout());
  }

  /** Creates the norm before a block or before the head. */
  static SequenceLayer norm(MegalodonConfig config) {
    int dim = config.modelDim();
    double epsilon = config.normEpsilon();
    return switch (config.norm()) {
      case TIMESTEP -> new TimestepNorm(dim, config.normGroups(), epsilon);
      case GROUP -> new GroupNorm(dim, config.normGroups(), NormWeight.PLUS_ONE, epsilon);
      case LAYER -> new LayerNorm(dim, NormWeight.PLUS_ONE, epsilon);
      case RMS -> new RmsNorm(dim, NormWeight.PLUS_ONE, epsilon);
    };
  }

  private static @Nullable SequenceLayer ema(MegalodonConfig config, boolean bidirectional) {
    return switch (config.ema()) {
      case COMPLEX -> new ComplexEma(config.modelDim(), config.emaModes(), bidirectional);
      case DAMPED -> new DampedEma(config.modelDim(), config.emaModes(), bidirectional, false);
      case NONE -> null;
    };
  }

  private static NormalizedAttention.Options options(MegalodonConfig config) {
    return new NormalizedAttention.Options(
        config.heads(),
        config.chunkSize(),
        config.ropeBase(),
        config.normalizedAttention(),
        config.normEpsilon(),
        config.attentionDropout(),
        config.attentionDropoutKind(),
        config.hiddenDropout(),
        config.dropout());
  }

  private static Initializer weights(MegalodonConfig config, long outputs, long inputs) {
    return switch (config.initialization()) {
      case HE -> new NormalInitializer((float) Math.sqrt(1.0 / (3.0 * inputs)));
      case BERT -> new NormalInitializer(0.02f);
      case XAVIER -> new UniformInitializer((float) Math.sqrt(6.0 / (inputs + outputs)));
      case GAUSSIAN -> Initializers.truncatedNormal(1, 3);
    };
  }

  /**
   * Returns what flows through the model on the way to predicting ids (B, T), for looking at: the
   * embeddings, what each block makes of them, and what the norm before the head makes of that; L +
   * 2 arrays (B, T, D).
   */
  public NDList activations(NDArray ids) {
    NDList activations = new NDList(embedded(ids));
    activations.addAll(layers.activations(store(ids), activations.get(0)));
    return activations;
  }

  /**
   * Returns the attention weights of each block on the way to predicting ids (B, T), for looking
   * at: L arrays (B, H, T, T), 0 outside of a step's chunk. Row t predicts id t; its key s is id s
   * − 1, key 0 the start symbol.
   */
  public NDList attentionWeights(NDArray ids) {
    NDList x = activations(ids);
    NDList weights = new NDList();
    for (int i = 0; i < config.layers(); i++) {
      MegalodonLayer block = (MegalodonLayer) layers.get(i);
      weights.add(block.probabilities(store(ids), x.get(i)));
    }
    x.close();
    return weights;
  }

  /**
   * Returns what each block's moving average makes of an impulse at step 0, for looking at: L
   * arrays (D, length), without the share ω of the input itself.
   *
   * @param manager owns the arrays
   * @throws IllegalStateException if the moving averages are not complex
   */
  public NDList impulseResponses(NDManager manager, int length) {
    NDList responses = new NDList();
    try (NDArray like = manager.zeros(new Shape(1))) {
      for (int i = 0; i < config.layers(); i++) {
        MegalodonLayer block = (MegalodonLayer) layers.get(i);
        responses.add(block.impulseResponse(store(like), like, length));
      }
    }
    return responses;
  }

  private static ParameterStore store(NDArray ids) {
    return new ParameterStore(ids.getManager(), false);
  }

  @Override
  public MegalodonConfig config() {
    return config;
  }

  @Override
  protected long longest() {
    return Integer.MAX_VALUE;
  }

  @Override
  protected boolean boundedState() {
    return true;
  }

  @Override
  boolean hasUniformTraining() {
    return !config().dropsOut();
  }

  @Override
  protected long period() {
    return config.chunkSize();
  }
}
