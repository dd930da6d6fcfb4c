package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Decoder-only Transformer: a stack of {@link TransformerLayer}s and a final layer norm. Input and
 * output are (B, T, D), causal over T.
 */
public final class Transformer extends SequenceLayer {

  private final List<TransformerLayer> layers = new ArrayList<>();
  private final int heads;
  private final int headDim;
  private final Parameter normWeight;
  private final Parameter normBias;

  /** Creates the stack; the arguments are those of {@link TransformerLayer}, but for the depth. */
  public Transformer(
      int depth,
      int modelDim,
      int heads,
      int feedForwardDim,
      boolean rotary,
      double dropout,
      Initializer weights) {
    this.heads = heads;
    this.headDim = modelDim / heads;
    for (int i = 0; i < depth; i++) {
      layers.add(
          addChildBlock(
              "layers." + i,
              new TransformerLayer(modelDim, heads, feedForwardDim, rotary, dropout, weights)));
    }
    normWeight = parameter("norm.weight", Initializer.ONES, modelDim);
    normBias = parameter("norm.bias", Initializer.ZEROS, modelDim);
  }

  @Override
  public NDArray forward(ParameterStore store, NDArray x, boolean training) {
    NDArray h = x;
    for (TransformerLayer layer : layers) {
      h = replace(h, x, layer.forward(store, h, training));
    }
    return replace(h, x, norm(store, h, training));
  }

  /** Runs the next positions (B, T, D) of sequences whose past is in the caches. */
  public NDArray decode(ParameterStore store, NDArray x, List<KeyValueCache> caches) {
    NDArray h = x;
    for (int i = 0; i < layers.size(); i++) {
      h = replace(h, x, layers.get(i).decode(store, h, caches.get(i)));
    }
    return replace(h, x, norm(store, h, false));
  }

  /** Allocates one cache a layer. */
  public List<KeyValueCache> newCaches(NDManager manager, DataType type, int batch, int capacity) {
    return IntStream.range(0, layers.size())
        .mapToObj(i -> new KeyValueCache(manager, type, batch, heads, capacity, headDim))
        .toList();
  }

  private NDArray norm(ParameterStore store, NDArray x, boolean training) {
    return TransformerLayer.finalNorm(
        x, value(store, normWeight, x, training), value(store, normBias, x, training), training);
  }
}
