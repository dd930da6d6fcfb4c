package org.megalab.model;

import ai.djl.training.initializer.NormalInitializer;
import org.megalab.layer.EncoderStack;
import org.megalab.layer.LayerStack;
import org.megalab.layer.MegaLayer;
import org.megalab.layer.NormWeight;
import org.megalab.layer.RelativeBias;
import org.megalab.layer.StreamingLayer;

/**
 * MEGA (Ma et al. 2022), MEGALODON's predecessor: a moving average in front of gated attention of
 * one head.
 *
 * <pre>
 * h = √D · E[x]
 * h ← MegaAttention(h),  h ← h + W_2 silu(W_1 norm(h) + b_1) + b_2
 * logits = W_out · norm(h)                            the last norm with pre-norm alone
 * </pre>
 *
 * With chunks the cost is linear in the length and the state bounded; information passes from chunk
 * to chunk through the moving average. B batch, T length, D model dimension.
 */
public final class Mega extends LanguageModel {

  private final MegaConfig config;

  /** Creates the model, without memory for its parameters yet. */
  public Mega(MegaConfig config) {
    super(
        new Vocabulary(
            config.vocabularySize(),
            config.startId(),
            config.modelDim(),
            config.scaledEmbedding() ? Math.sqrt(config.modelDim()) : 1,
            config.tiedOutput(),
            config.dropout(),
            new NormalInitializer((float) (1 / Math.sqrt(config.modelDim())))),
        stack(config));
    this.config = config;
  }

  private static LayerStack stack(MegaConfig config) {
    LayerStack stack = new LayerStack();
    for (int i = 0; i < config.layers(); i++) {
      stack.add("layers." + i, new MegaLayer(config.settings(false), config.feedForwardDim()));
    }
    if (config.preNorm()) {
      stack.add("norm", lastNorm(config));
    }
    return stack;
  }

  /** Creates the layers and the last norm, for both directions. */
  static EncoderStack encoder(MegaConfig config) {
    EncoderStack stack = new EncoderStack();
    for (int i = 0; i < config.layers(); i++) {
      stack.add("layers." + i, new MegaLayer(config.settings(true), config.feedForwardDim()));
    }
    return config.preNorm() ? stack.add("norm", lastNorm(config)) : stack;
  }

  private static StreamingLayer lastNorm(MegaConfig config) {
    NormWeight weight = config.affineFinalNorm() ? NormWeight.PLAIN : NormWeight.NONE;
    return config.norm().create(config.modelDim(), weight, config.normEpsilon());
  }

  @Override
  public MegaConfig config() {
    return config;
  }

  @Override
  protected long longest() {
    boolean table = config.chunkSize() == 0 && config.relativeBias() == RelativeBias.SIMPLE;
    return table ? config.contextLength() : Integer.MAX_VALUE;
  }

  @Override
  protected boolean boundedState() {
    return config.chunkSize() > 0;
  }

  @Override
  protected long period() {
    return config.chunkSize();
  }
}
