package org.megalab.model;

import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
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
    int dim = config.modelDim();
    Initializer weights = new NormalInitializer((float) config.initStd());
    LayerStack stack = new LayerStack();
    for (int i = 0; i < config.layers(); i++) {
      S4d mixer = new S4d(dim, config.stateDim(), config.init(), false, config.dropout());
      stack.add("layers." + i + ".mixer", residual(config, mixer));
      if (config.feedForwardDim() > 0) {
        FeedForward feedForward =
            new FeedForward(
                dim,
                config.feedForwardDim(),
                FeedForward.Activation.GELU,
                true,
                config.dropout(),
                config.dropout(),
                weights,
                weights);
        stack.add("layers." + i + ".feedForward", residual(config, feedForward));
      }
    }
    if (config.preNorm()) {
      stack.add("norm", config.norm().create(dim, NormWeight.PLAIN, config.normEpsilon()));
    }
    return stack;
  }

  private static ResidualLayer residual(S4dConfig config, StreamingLayer branch) {
    StreamingLayer norm =
        config.norm().create(config.modelDim(), NormWeight.PLAIN, config.normEpsilon());
    return new ResidualLayer(norm, branch, config.preNorm());
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
}
