package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * Residual causal convolution over time (the convolutional patch encoder of MEGABYTE is a stack of
 * three, w = 3, 5, 7):
 *
 * <pre>
 * y_t = x_t + relu(b + Σ_j W_j · x_t-w+1+j),   j = 0 … w − 1, zeros before the beginning
 * </pre>
 *
 * B batch, T length, D channels in and out, w width. Input and output are (B, T, D). A stack of
 * widths w_1, w_2, … sees 1 + Σ (w_i − 1) steps. The common mistake is to pad both sides, as
 * convolutions in image models do: then y_t sees what comes after it.
 */
public final class CausalConvolution extends StreamingLayer {

  private static final Script SCRIPT =
      Script.resource(CausalConvolution.class, "causal_convolution");

  private final int modelDim;
  private final int width;
  private final Parameter weight;
  private final Parameter bias;

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param width w, the steps that one output sees
   * @param weights the distribution of W (D, D, w) at first; b starts at zero
   */
  public CausalConvolution(int modelDim, int width, Initializer weights) {
    this.modelDim = modelDim;
    this.width = width;
    weight = parameter("weight", weights, modelDim, modelDim, width);
    bias = parameter("bias", Initializer.ZEROS, modelDim);
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    NDArray w = value(store, weight, x, training);
    NDArray b = value(store, bias, x, training);
    if (state == null) {
      return SCRIPT.call("forward", training, x, w, b);
    }
    state.advance(x.getShape().get(1));
    NDList results = SCRIPT.callAll("decode", false, x, w, b, state.get(0));
    state.replace(results.subNDList(1));
    return results.get(0);
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  /** {@inheritDoc} It holds the last w − 1 inputs (B, w − 1, D). */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.of(manager.zeros(new Shape(batch, width - 1, modelDim), type));
  }
}
