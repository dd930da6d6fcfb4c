package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * The position-wise feed-forward of a Transformer:
 *
 * <pre>
 * y = W_2 f(W_1 x + b_1) + b_2                     f = relu, relu², gelu (exact, with erf) or silu
 * y = W_2 (silu(W_1 x + b_1) ⊙ (W_3 x + b_3)) + b_2     SwiGLU (Shazeer 2020)
 * </pre>
 *
 * B batch, T length, D model dimension, F hidden dimension. Input and output are (B, T, D). The
 * common mistake is the tanh approximation of gelu.
 */
public final class FeedForward extends StreamingLayer {

  private static final Script SCRIPT = Script.resource(FeedForward.class, "feed_forward");

  /** What stands between the two matrices. */
  public enum Activation {
    /** max(x, 0). */
    RELU(0),
    /** x · Φ(x), with the error function. */
    GELU(1),
    /** x · σ(x). */
    SILU(2),
    /** x · σ(x), times a third matrix. */
    SWIGLU(3),
    /** max(x, 0)². */
    SQUARED_RELU(4);

    /** How the script knows it. */
    private final int code;

    Activation(int code) {
      this.code = code;
    }
  }

  private final Activation activation;
  private final boolean bias;
  private final double hiddenDropout;
  private final double dropout;

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param hiddenDim F
   * @param activation f
   * @param bias whether the matrices have biases
   * @param hiddenDropout the probability of dropping hidden values in training
   * @param dropout the probability of dropping results in training
   * @param in the distribution of W_1 and W_3 at first
   * @param out the distribution of W_2 at first
   */
  public FeedForward(
      int modelDim,
      int hiddenDim,
      Activation activation,
      boolean bias,
      double hiddenDropout,
      double dropout,
      Initializer in,
      Initializer out) {
    this.activation = activation;
    this.bias = bias;
    this.hiddenDropout = hiddenDropout;
    this.dropout = dropout;
    // The script takes them in this order: matrices, then biases.
    parameter("in.weight", in, hiddenDim, modelDim);
    parameter("out.weight", out, modelDim, hiddenDim);
    if (activation == Activation.SWIGLU) {
      parameter("gate.weight", in, hiddenDim, modelDim);
    }
    if (bias) {
      parameter("in.bias", Initializer.ZEROS, hiddenDim);
      parameter("out.bias", Initializer.ZEROS, modelDim);
      if (activation == Activation.SWIGLU) {
        parameter("gate.bias", Initializer.ZEROS, hiddenDim);
      }
    }
  }

  /** Whether its function is silu or SwiGLU, without biases and dropout. */
  boolean isPlain() {
    return (activation == Activation.SILU || activation == Activation.SWIGLU)
        && !bias
        && hiddenDropout == 0
        && dropout == 0;
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    return SCRIPT.call(
        "forward",
        training,
        x,
        values(store, x, training),
        bias,
        activation.code,
        training ? hiddenDropout : 0.0,
        training ? dropout : 0.0);
  }
}
