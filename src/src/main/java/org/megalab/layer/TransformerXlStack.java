package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stack of {@link TransformerXlLayer}s. It holds u ({@code content.bias}) and v ({@code
 * position.bias}), (H, d) each, which all layers share. As in the reference nothing is normalised
 * after the last layer, also in the pre-norm arrangement; dropout falls on what leaves it. Input
 * and output are (B, T, D), causal over T.
 */
public final class TransformerXlStack extends LayerStack {

  private final List<TransformerXlLayer> layers = new ArrayList<>();

  /**
   * Creates the stack.
   *
   * @param depth the number of layers
   * @param options what they have in common
   */
  public TransformerXlStack(int depth, TransformerXlLayer.Options options) {
    Parameter content =
        parameter("content.bias", options.weights(), options.heads(), options.headDim());
    Parameter position =
        parameter("position.bias", options.weights(), options.heads(), options.headDim());
    for (int i = 0; i < depth; i++) {
      layers.add(add("layers." + i, new TransformerXlLayer(options, content, position)));
    }
    if (options.dropout() > 0) {
      add("dropout", new OutputDropout(options.dropout()));
    }
  }

  /** Returns a layer, counted from 0. */
  public TransformerXlLayer layer(int index) {
    return layers.get(index);
  }

  /** Drops values in training. */
  private static final class OutputDropout extends StreamingLayer {

    private final double rate;

    OutputDropout(double rate) {
      this.rate = rate;
    }

    @Override
    public NDArray forward(
        ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
      NDList dropped = Dropout.dropout(x, (float) rate, training);
      return dropped.singletonOrThrow();
    }
  }
}
