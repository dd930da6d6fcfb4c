package org.megalab.model;

import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import org.megalab.layer.CausalAttention;
import org.megalab.layer.FeedForward;
import org.megalab.layer.LayerStack;
import org.megalab.layer.NormWeight;
import org.megalab.layer.PreNormLayer;
import org.megalab.layer.RmsNorm;

/**
 * The Transformer of Llama 2 (Touvron et al. 2023), MEGALODON's baseline:
 *
 * <pre>
 * h ← h + attention(RMSNorm(h))          rotary positions, grouped key and value heads, no biases
 * h ← h + W_2 (silu(W_1 u) ⊙ W_3 u)      u = RMSNorm(h)
 * logits = W_out · RMSNorm(h)
 * </pre>
 *
 * B batch, T length, D model dimension, V vocabulary.
 */
public final class Llama extends LanguageModel {

  private final LlamaConfig config;

  /** Creates the model, without memory for its parameters yet. */
  public Llama(LlamaConfig config) {
    super(
        new Vocabulary(
            config.vocabularySize(),
            config.startId(),
            config.modelDim(),
            1,
            config.tiedOutput(),
            0,
            new NormalInitializer((float) config.initStd())),
        stack(config));
    this.config = config;
  }

  private static LayerStack stack(LlamaConfig config) {
    int dim = config.modelDim();
    Initializer weights = new NormalInitializer((float) config.initStd());
    // Both matrices that write into the residual stream start smaller the deeper the model is.
    Initializer out =
        new NormalInitializer((float) (config.initStd() / Math.sqrt(2.0 * config.layers())));
    LayerStack stack = new LayerStack();
    for (int i = 0; i < config.layers(); i++) {
      stack.add(
          "layers." + i,
          new PreNormLayer(
              norm(config),
              new CausalAttention(
                  dim,
                  config.heads(),
                  config.keyValueHeads(),
                  config.ropePairing(),
                  config.ropeBase(),
                  config.dropout(),
                  weights,
                  out),
              norm(config),
              new FeedForward(
                  dim,
                  config.feedForwardDim(),
                  FeedForward.Activation.SWIGLU,
                  false,
                  0,
                  config.dropout(),
                  weights,
                  out)));
    }
    stack.add("norm", norm(config));
    return stack;
  }

  private static RmsNorm norm(LlamaConfig config) {
    return new RmsNorm(config.modelDim(), NormWeight.PLAIN, config.normEpsilon());
  }

  @Override
  public LlamaConfig config() {
    return config;
  }

  @Override
  protected long longest() {
    return Integer.MAX_VALUE;
  }

  @Override
  boolean hasUniformTraining() {
    return !config().dropsOut();
  }

  @Override
  protected boolean boundedState() {
    return false;
  }
}
