package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import org.jspecify.annotations.Nullable;

/**
 * A layer of a Transformer-XL:
 *
 * <pre>
 * post-norm: y = LN(x + attention(x)),  z = LN(y + F(y))       F(y) = W_2 relu(W_1 y + b_1) + b_2
 * pre-norm:  y = x + attention(LN(x)),  z = y + F(LN(y))
 * </pre>
 *
 * The attention is a {@link RelativeAttention}; in the pre-norm arrangement its memory is
 * normalised together with its input. Input and output are (B, T, D). The common mistake is to
 * train a deep post-norm model without warm-up: from 16 layers on it diverges.
 */
public final class TransformerXlLayer extends StreamingLayer {

  private final RelativeAttention attention;
  private final @Nullable LayerNorm attentionNorm;
  private final FeedForward feedForward;
  private final LayerNorm feedForwardNorm;

  /**
   * The sizes and choices that all layers of a model share.
   *
   * @param modelDim D, even
   * @param heads H
   * @param headDim d; H·d may differ from D
   * @param feedForwardDim F
   * @param segments what a step may see
   * @param preNorm whether the norms stand before the branches
   * @param dropout the probability of dropping in training, but for attention probabilities
   * @param attentionDropout the probability of dropping attention probabilities in training
   * @param initStd the standard deviation of the initial matrices, and of the norms' weights around
   *     1
   */
  public record Options(
      int modelDim,
      int heads,
      int headDim,
      int feedForwardDim,
      RelativeAttention.Segments segments,
      boolean preNorm,
      double dropout,
      double attentionDropout,
      double initStd) {

    Initializer weights() {
      return new NormalInitializer((float) initStd);
    }

    Initializer gain() {
      return (manager, shape, type) -> manager.randomNormal(1f, (float) initStd, shape, type);
    }
  }

  /**
   * Creates the layer.
   *
   * @param options the sizes and choices
   * @param contentBias u (H, d), held by another block
   * @param positionBias v (H, d), held by another block
   */
  public TransformerXlLayer(Options options, Parameter contentBias, Parameter positionBias) {
    attention =
        addChildBlock(
            "attention",
            new RelativeAttention(
                options.modelDim(),
                options.heads(),
                options.headDim(),
                options.segments(),
                options.preNorm(),
                options.dropout(),
                options.attentionDropout(),
                contentBias,
                positionBias,
                options.weights(),
                options.gain()));
    attentionNorm = options.preNorm() ? null : addChildBlock("attentionNorm", norm(options));
    feedForwardNorm = addChildBlock("feedForwardNorm", norm(options));
    feedForward =
        addChildBlock(
            "feedForward",
            new FeedForward(
                options.modelDim(),
                options.feedForwardDim(),
                FeedForward.Activation.RELU,
                true,
                options.dropout(),
                options.dropout(),
                options.weights(),
                options.weights()));
  }

  private static LayerNorm norm(Options options) {
    LayerNorm norm = new LayerNorm(options.modelDim(), NormWeight.PLAIN, 1e-5);
    norm.getDirectParameters().get("weight").setInitializer(options.gain());
    return norm;
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    try (NDArray attended = attention.forward(store, x, state, training)) {
      return afterAttention(store, x, attended, training);
    }
  }

  /**
   * Runs the layer over one segment with the memory given, see {@link RelativeAttention#segment}.
   *
   * @param store where the parameters come from
   * @param x (B, Q, D)
   * @param memory (B, M, D)
   * @param training whether dropout applies and the result takes part in autograd
   * @return (B, Q, D)
   */
  public NDArray segment(ParameterStore store, NDArray x, NDArray memory, boolean training) {
    try (NDArray attended = attention.segment(store, x, memory, training)) {
      return afterAttention(store, x, attended, training);
    }
  }

  private NDArray afterAttention(
      ParameterStore store, NDArray x, NDArray attended, boolean training) {
    if (attentionNorm == null) {
      try (NDArray y = x.add(attended);
          NDArray u = feedForwardNorm.forward(store, y, training);
          NDArray f = feedForward.forward(store, u, training)) {
        return y.add(f);
      }
    }
    try (NDArray sum = x.add(attended);
        NDArray y = attentionNorm.forward(store, sum, training);
        NDArray f = feedForward.forward(store, y, training);
        NDArray z = y.add(f)) {
      return feedForwardNorm.forward(store, z, training);
    }
  }

  /** {@inheritDoc} It is the attention's. */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return attention.newState(manager, type, batch, capacity);
  }
}
