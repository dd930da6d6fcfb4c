package org.megalab.model;

import ai.djl.training.initializer.NormalInitializer;
import org.megalab.layer.LayerStack;
import org.megalab.layer.MegaLayer;
import org.megalab.layer.NormWeight;
import org.megalab.layer.RelativeBias;

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
      stack.add("layers." + i, new MegaLayer(config.settings(), config.feedForwardDim()));
    }
    if (config.preNorm()) {
      NormWeight weight = config.affineFinalNorm() ? NormWeight.PLAIN : NormWeight.NONE;
      stack.add("norm", config.norm().create(config.modelDim(), weight, config.normEpsilon()));
    }
    return stack;
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
}
