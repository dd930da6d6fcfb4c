package org.megalab.model;

import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import org.megalab.layer.EncoderStack;
import org.megalab.layer.FeedForward;
import org.megalab.layer.LayerStack;
import org.megalab.layer.NormWeight;
import org.megalab.layer.ResidualLayer;
import org.megalab.layer.S4d;
import org.megalab.layer.StreamingLayer;

/**
 * A language model of diagonal state space layers (S4D, Gu et al. 2022):
 *
 * <pre>
 * h ← h + S4D(norm(h)),  h ← h + W_2 gelu(W_1 norm(h) + b_1) + b_2      post-norm: norm(h + …)
 * logits = W_out · norm(h)                                 the last norm with pre-norm alone
 * </pre>
 *
 * The state is bounded, however long the sequence.
 */
public final class S4dModel extends LanguageModel {

  private final S4dConfig config;

  /** Creates the model, without memory for its parameters yet. */
  public S4dModel(S4dConfig config) {
    super(
        new Vocabulary(
            config.vocabularySize(),
            config.startId(),
            config.modelDim(),
            1,
            config.tiedOutput(),
            config.dropout(),
            new NormalInitializer((float) config.initStd())),
        stack(config));
    this.config = config;
  }

  private static LayerStack stack(S4dConfig config) {
    LayerStack stack = new LayerStack();
    for (int i = 0; i < config.layers(); i++) {
      stack.add("layers." + i + ".mixer", mixer(config, false));
      if (config.feedForwardDim() > 0) {
        stack.add("layers." + i + ".feedForward", feedForward(config));
      }
    }
    if (config.preNorm()) {
      stack.add("norm", norm(config));
    }
    return stack;
  }

  /** Creates the layers and the last norm, for both directions. */
  static EncoderStack encoder(S4dConfig config) {
    EncoderStack stack = new EncoderStack();
    for (int i = 0; i < config.layers(); i++) {
      stack.add("layers." + i + ".mixer", mixer(config, true));
      if (config.feedForwardDim() > 0) {
        stack.add("layers." + i + ".feedForward", feedForward(config));
      }
    }
    return config.preNorm() ? stack.add("norm", norm(config)) : stack;
  }

  private static ResidualLayer mixer(S4dConfig config, boolean bidirectional) {
    int dim = config.modelDim();
    S4d mixer = new S4d(dim, config.stateDim(), config.init(), bidirectional, config.dropout());
    return new ResidualLayer(norm(config), mixer, config.preNorm());
  }

  private static ResidualLayer feedForward(S4dConfig config) {
    Initializer weights = new NormalInitializer((float) config.initStd());
    FeedForward feedForward =
        new FeedForward(
            config.modelDim(),
            config.feedForwardDim(),
            FeedForward.Activation.GELU,
            true,
            config.dropout(),
            config.dropout(),
            weights,
            weights);
    return new ResidualLayer(norm(config), feedForward, config.preNorm());
  }

  private static StreamingLayer norm(S4dConfig config) {
    return config.norm().create(config.modelDim(), NormWeight.PLAIN, config.normEpsilon());
  }

  @Override
  public S4dConfig config() {
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
    return 1;
  }
}
