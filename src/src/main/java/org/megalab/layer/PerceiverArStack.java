package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Script;

/**
 * The layers of a Perceiver AR (Hawthorne et al. 2022), over whole sequences:
 *
 * <pre>
 * x = block_0, block_1, …                       M steps each, the last one may be shorter
 * prefix_j = the last C steps before block_j    fewer, or none, at the beginning
 * z = block_j + P_C … P_C+M-1,  c = prefix_j + P_C-|c| … P_C-1
 * z ← cross(z, c)                               one layer or several, all read the same c
 * y_j = norm(layers(z))                         causal layers over the block's own steps alone
 * </pre>
 *
 * The papers' models compute one such block, the last M steps of a window of N = C + M. Here every
 * step of a sequence is a latent of one block, so that every step has an output that depends on the
 * steps up to it and no other. Positions count within the window of a block: its first latent is
 * always at C, the prefix ends before it. What the deep layers compute for a step is computed once.
 *
 * <p>B batch, T length, M latents of a block, C prefix length, D model dimension. Input and output
 * are (B, T, D).
 */
public final class PerceiverArStack extends StreamingLayer {

  private static final Script SCRIPT = Script.resource(PerceiverArStack.class, "perceiver_ar");

  private final Options options;
  private final @Nullable LearnedPositions positions;
  private final List<PerceiverCrossLayer> cross = new ArrayList<>();
  private final LayerStack layers;

  /**
   * The sizes and choices that the layers share.
   *
   * @param modelDim D
   * @param heads H
   * @param headDim d; H·d may differ from D
   * @param feedForwardDim F
   * @param prefix C
   * @param latents M
   * @param rotaryDim d_r, the channels of a head that turn; 0 for none
   * @param learnedPositions whether there is a learned vector a position of the window
   * @param finalNorm whether a norm follows the last layer
   * @param biases whether all matrices have biases, not the cross-attention's W_o alone
   * @param activation f of the feed-forwards
   * @param dropout the probability of dropping in training: probabilities of the cross-attention,
   *     and hidden values of the feed-forwards
   * @param prefixDropout the share of the prefix that the cross-attention does not see in training
   * @param weights the distribution of the matrices at first
   */
  public record Options(
      int modelDim,
      int heads,
      int headDim,
      int feedForwardDim,
      int prefix,
      int latents,
      int rotaryDim,
      boolean learnedPositions,
      boolean finalNorm,
      boolean biases,
      FeedForward.Activation activation,
      double dropout,
      double prefixDropout,
      Initializer weights) {

    LayerNorm norm() {
      return new LayerNorm(modelDim, NormWeight.PLAIN, 1e-5);
    }

    FeedForward feedForward() {
      return new FeedForward(
          modelDim, feedForwardDim, activation, biases, dropout, 0, weights, weights);
    }
  }

  /**
   * Creates the stack.
   *
   * @param crossDepth the number of layers that read the prefix
   * @param depth the number of layers over the latents alone
   * @param options what they have in common
   */
  public PerceiverArStack(int crossDepth, int depth, Options options) {
    this.options = options;
    int window = options.prefix() + options.latents();
    positions =
        options.learnedPositions()
            ? addChildBlock(
                "positions", new LearnedPositions(window, options.modelDim(), options.weights()))
            : null;
    for (int i = 0; i < crossDepth; i++) {
      cross.add(addChildBlock("cross." + i, new PerceiverCrossLayer(options)));
    }
    layers = addChildBlock("latents", new LayerStack());
    for (int i = 0; i < depth; i++) {
      layers.add(
          "layers." + i,
          new PreNormLayer(
              options.norm(), new LatentAttention(options), options.norm(), options.feedForward()));
    }
    if (options.finalNorm()) {
      layers.add("norm", options.norm());
    }
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    Autograd autograd = training ? Autograd.current() : null;
    if (state == null && autograd != null && autograd.recomputeLayers() > 0) {
      try (NDArray leaf = autograd.cut(x)) { // which every window reads
        return blocks(store, leaf, null, true);
      }
    }
    return blocks(store, x, state, training);
  }

  private NDArray blocks(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    long steps = x.getShape().get(1);
    long first = state == null ? 0 : state.advance(steps);
    NDList rows = new NDList();
    for (long t = 0; t < steps; ) {
      long slot = (first + t) % options.latents();
      long end = Math.min(steps, t + options.latents() - slot);
      try (NDArray block = x.get(":, {}:{}", t, end)) {
        if (state == null) {
          try (NDArray prefix = x.get(":, {}:{}", Math.max(0, t - options.prefix()), t)) {
            rows.add(window(store, prefix, block, training));
          }
        } else {
          if (slot == 0) {
            begin(store, state, first + t);
          }
          rows.add(next(store, block, slot, state));
        }
      }
      t = end;
    }
    NDArray all = NDArrays.concat(rows, 1); // (B, T, D)
    rows.close();
    return all;
  }

  /**
   * Runs the layers over one block.
   *
   * @param store where the parameters come from
   * @param prefix (B, c, D), the steps before the block, c at most C
   * @param block (B, n, D), n at most M
   * @param training whether dropout applies and the result takes part in autograd
   * @return (B, n, D)
   */
  public NDArray window(ParameterStore store, NDArray prefix, NDArray block, boolean training) {
    NDArray z = placed(store, block, options.prefix(), training); // (B, n, D)
    try (NDArray c = placed(store, prefix, prefixStart(prefix), training)) { // (B, c, D)
      for (PerceiverCrossLayer layer : cross) {
        NDArray next =
            Segments.one(training, xs -> layer.window(store, xs.get(0), xs.get(1), training), z, c);
        z = replace(z, block, next);
      }
    }
    try (NDArray last = z) {
      return layers.forward(store, last, training);
    }
  }

  /** The prefix ends where the latents begin. */
  private long prefixStart(NDArray prefix) {
    return options.prefix() - prefix.getShape().get(1);
  }

  /** Adds the vectors of the positions from one of the window on. */
  private NDArray placed(ParameterStore store, NDArray x, long first, boolean training) {
    return positions == null ? x.get(":") : positions.add(store, x, first, training);
  }

  /** Begins the block at a position: what the caches held of the block before is forgotten. */
  private void begin(ParameterStore store, LayerState state, long position) {
    NDArray window = state.inner(0).get(0);
    int length = (int) Math.min(position, options.prefix());
    if (length > 0) {
      SCRIPT.call("shift", false, window, options.prefix()).close();
    }
    try (NDArray prefix =
            window.get(":, {}:{}", options.prefix() - length, options.prefix()); // (B, c, D)
        NDArray c = placed(store, prefix, prefixStart(prefix), false)) {
      for (int i = 0; i < cross.size(); i++) {
        cross.get(i).begin(store, c, state.inner(i + 1));
      }
    }
    state.inner(cross.size() + 1).clear();
  }

  /** The next steps of the block under way, from a slot of it on. */
  private NDArray next(ParameterStore store, NDArray steps, long slot, LayerState state) {
    long index = options.prefix() + slot;
    SCRIPT.call("write", false, steps, state.inner(0).get(0), index).close();
    NDArray z = placed(store, steps, index, false); // (B, n, D)
    for (int i = 0; i < cross.size(); i++) {
      z = replace(z, steps, cross.get(i).forward(store, z, state.inner(i + 1), false));
    }
    try (NDArray last = z) {
      return layers.forward(store, last, state.inner(cross.size() + 1), false);
    }
  }

  /**
   * {@inheritDoc} It holds the inputs (B, C + M, D) of the window, and the keys and values of the
   * layers, all for one block.
   */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    List<LayerState> inner = new ArrayList<>();
    Shape window = new Shape(batch, options.prefix() + options.latents(), options.modelDim());
    inner.add(LayerState.of(manager.zeros(window, type)));
    cross.forEach(layer -> inner.add(layer.newState(manager, type, batch, capacity)));
    inner.add(layers.newState(manager, type, batch, capacity));
    return LayerState.of(inner);
  }
}
