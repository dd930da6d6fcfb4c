package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import org.megalab.layer.PerceiverArStack;

/**
 * Perceiver AR (Hawthorne et al. 2022) in its community form: a window of N = C + M steps of which
 * only the last M, the latents, go through the deep layers; the C steps before them, the prefix,
 * are read once, through cross-attention.
 *
 * <pre>
 * h      = E[i]                                    i = start, x_0, …, x_T-2
 * logits = W_out · {@link PerceiverArStack layers}(h)
 * </pre>
 *
 * <p>So that every row has a prediction, a sequence is cut in blocks of M latents, each with the up
 * to C steps before it as its prefix: block 0 is an ordinary causal pass, and a sequence of T steps
 * costs ⌈T/M⌉ windows. Evaluation thus scores all latents of windows that move on by M; the paper
 * moves by M/2 and scores the later half. Training takes the loss of all blocks, or with {@code
 * lastWindowLoss} that of the last M steps alone, as the paper and the community do.
 *
 * <p>Not here: the paper's linear map of the latents, its keys of the latents' unmapped inputs, the
 * bias of the output and its initialisation with zero; with {@code finalNorm}, {@code biases},
 * {@code activation} and {@code rotaryDim} the other choices of the paper can be made.
 *
 * <p>B batch, T length, C prefix length, M latents. The common mistake is to average the loss over
 * the whole window: rows of the prefix predict nothing.
 */
public final class PerceiverAr extends LanguageModel {

  private final PerceiverArConfig config;
  private final PerceiverArStack stack;

  /** Creates the model, without memory for its parameters yet. */
  public PerceiverAr(PerceiverArConfig config) {
    this(config, new NormalInitializer((float) config.initStd()));
  }

  private PerceiverAr(PerceiverArConfig config, Initializer weights) {
    this(
        config,
        weights,
        new PerceiverArStack(config.crossLayers(), config.layers(), config.options(weights)));
  }

  private PerceiverAr(PerceiverArConfig config, Initializer weights, PerceiverArStack stack) {
    super(
        new Vocabulary(
            config.vocabularySize(),
            config.startId(),
            config.modelDim(),
            1,
            config.tiedOutput(),
            0,
            weights),
        stack);
    this.config = config;
    this.stack = stack;
  }

  @Override
  public PerceiverArConfig config() {
    return config;
  }

  /**
   * Returns the logits of one window, as the references align them: row i has read the prefix and
   * the ids after it up to its own, the i-th, and predicts what follows.
   *
   * @param store where the parameters come from
   * @param ids (B, c + n) int64, rows of the embedding
   * @param prefix c, at most C; n is then at most M
   * @param training whether dropout applies and the result takes part in autograd
   * @return (B, n, V)
   * @throws IllegalArgumentException if the window is longer than the model's, or has no latents
   */
  public NDArray windowLogits(ParameterStore store, NDArray ids, long prefix, boolean training) {
    long latents = ids.getShape().get(1) - prefix;
    if (prefix < 0 || prefix > config.prefixLength() || latents < 1 || latents > config.latents()) {
      throw new IllegalArgumentException(
          "a window has a prefix of 0 … "
              + config.prefixLength()
              + " and 1 … "
              + config.latents()
              + " latents, got "
              + prefix
              + " and "
              + latents);
    }
    try (NDArray y = window(store, ids, prefix, training)) {
      return head(store, y, training);
    }
  }

  private NDArray window(ParameterStore store, NDArray ids, long prefix, boolean training) {
    try (NDArray h = embed(store, ids, training); // (B, c + n, D)
        NDArray before = h.get(":, :{}", prefix);
        NDArray block = h.get(":, {}:", prefix)) {
      return stack.window(store, before, block, training); // (B, n, D)
    }
  }

  /**
   * {@inheritDoc} In training with {@code lastWindowLoss} these are the costs (B, M) of the last M
   * ids alone.
   */
  @Override
  public NDArray perByteLoss(ParameterStore store, NDArray ids, boolean training) {
    if (!training || !config.lastWindowLoss()) {
      return super.perByteLoss(store, ids, training);
    }
    checkIds(ids, longest(), "cut the sequence into windows", true);
    long length = ids.getShape().get(1);
    long latents = Math.min(length, config.latents());
    long prefix = Math.min(length - latents, config.prefixLength());
    try (NDArray inputs = inputs(ids, true);
        NDArray window = inputs.get(":, {}:", length - latents - prefix);
        NDArray targets = ids.get(":, {}:", length - latents);
        NDArray y = window(store, window, prefix, true)) {
      return cost(store, y, targets, true);
    }
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
