package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.ConstantInitializer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Script;

/**
 * One block of MEGALODON (Ma et al. 2024, section 3):
 *
 * <pre>
 * n = N(x),  m = dropout(RMSNorm(EMA(n)))
 * y = x + attention(m, n)
 * z = r + a ⊙ FFN(LayerNorm(y))              r = x (two-hop residual) or y (pre-norm)
 * </pre>
 *
 * N is timestep norm, EMA the complex moving average, unless an ablation exchanges them. a is 1, or
 * learned where the feed-forward is rescaled. Input and output are (B, T, D).
 *
 * <p>The common mistake is the residual: two-hop adds the block's input x to the feed-forward, not
 * y.
 *
 * <p>In training on a GPU whole sequences go through one function with its gradient written out,
 * {@link org.megalab.torchscript.Autograd#apply}: where something else reads x too, {@link
 * org.megalab.torchscript.Autograd#cut} it first.
 */
public final class MegalodonLayer extends StreamingLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(MegalodonLayer.class, "megalodon_layer");

  private final SequenceLayer norm;
  private final @Nullable SequenceLayer ema;
  private final RmsNorm emaNorm;
  private final NormalizedAttention attention;
  private final LayerNorm feedForwardNorm;
  private final FeedForward feedForward;
  private final @Nullable Parameter rescale;
  private final boolean twoHop;
  private final double dropout;
  private final @Nullable MegalodonBlock block;

  /**
   * The parts of a block.
   *
   * @param norm N
   * @param ema the moving average; null for none, then m comes from n
   * @param emaNorm the norm behind it
   * @param attention the attention
   * @param feedForwardNorm the norm before the feed-forward
   * @param feedForward FFN
   */
  public record Parts(
      SequenceLayer norm,
      @Nullable SequenceLayer ema,
      RmsNorm emaNorm,
      NormalizedAttention attention,
      LayerNorm feedForwardNorm,
      FeedForward feedForward) {}

  /**
   * Creates the block.
   *
   * @param modelDim D
   * @param parts its parts
   * @param twoHop whether the second residual comes from the block's input
   * @param rescale the value of a at first; 0 where a is 1 and not learned
   * @param dropout the probability of dropping m in training
   */
  public MegalodonLayer(int modelDim, Parts parts, boolean twoHop, double rescale, double dropout) {
    this.twoHop = twoHop;
    this.dropout = dropout;
    norm = addChildBlock("norm", parts.norm());
    ema = parts.ema() == null ? null : addChildBlock("ema", parts.ema());
    emaNorm = addChildBlock("emaNorm", parts.emaNorm());
    attention = addChildBlock("attention", parts.attention());
    feedForwardNorm = addChildBlock("feedForwardNorm", parts.feedForwardNorm());
    feedForward = addChildBlock("feedForward", parts.feedForward());
    block = rescale == 0 && dropout == 0 ? MegalodonBlock.of(parts, twoHop) : null;
    this.rescale =
        rescale == 0
            ? null
            : parameter(
                "feedForwardScale.weight", new ConstantInitializer((float) rescale), modelDim);
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    Autograd autograd = ownSegment(x, state, training);
    if (autograd != null) {
      return whole(store, x, autograd);
    }
    LayerState attentionState = state == null ? null : state.inner(2);
    NDArray n = stream(norm, store, x, state, 0, training);
    NDArray e = ema == null ? n : stream(ema, store, n, state, 1, training);
    NDArray m = averaged(store, e, training);
    NDArray a = attention.forward(store, m, n, attentionState, training);
    return residuals(store, x, a, training, new NDList(n, e, m, a));
  }

  /** Runs the block as one function, in training. */
  NDArray whole(ParameterStore store, NDArray x, Autograd autograd) {
    return Objects.requireNonNull(block, "its parts are not all the paper's")
        .forward(store, x, autograd);
  }

  /** {@inheritDoc} On a GPU whole sequences go through {@link MegalodonBlock}, where it suits. */
  @Override
  boolean writesGradient(NDArray x, @Nullable LayerState state) {
    return block != null
        && state == null
        && x.getDevice().isGpu()
        && block.takes(x.getShape().get(1));
  }

  /** {@inheritDoc} The norm must be one of whole sequences, and the EMA bidirectional. */
  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    NDArray n = both(norm, store, x, padding, training);
    NDArray e = ema == null ? n : both(ema, store, n, padding, training);
    NDArray m = averaged(store, e, training);
    NDArray a = attention.encode(store, m, n, padding, training);
    return residuals(store, x, a, training, new NDList(n, e, m, a));
  }

  /**
   * Returns the attention weights (B, H, T, T) of whole sequences x (B, T, D), for looking at: see
   * {@link NormalizedAttention#probabilities}.
   */
  public NDArray probabilities(ParameterStore store, NDArray x) {
    NDArray n = stream(norm, store, x, null, 0, false);
    NDArray e = ema == null ? n : stream(ema, store, n, null, 1, false);
    try (n;
        e;
        NDArray m = averaged(store, e, false)) {
      return attention.probabilities(store, m);
    }
  }

  /**
   * Returns the answer (D, L) of the moving average to an impulse, for looking at: see {@link
   * ComplexEma#kernel}.
   *
   * @throws IllegalStateException if the moving average is not the complex one
   */
  public NDArray impulseResponse(ParameterStore store, NDArray like, int length) {
    if (ema instanceof ComplexEma complex) {
      return complex.kernel(store, like, length);
    }
    throw new IllegalStateException(
        "the block has "
            + (ema == null ? "no moving average" : "a " + ema.getClass().getSimpleName())
            + "; impulse responses are those of a ComplexEma");
  }

  private static NDArray stream(
      SequenceLayer layer,
      ParameterStore store,
      NDArray x,
      @Nullable LayerState state,
      int index,
      boolean training) {
    if (layer instanceof StreamingLayer streaming) {
      return streaming.forward(store, x, state == null ? null : state.inner(index), training);
    }
    throw new IllegalStateException(
        layer.getClass().getSimpleName() + " sees the future; it serves encoders only");
  }

  private static NDArray both(
      SequenceLayer layer,
      ParameterStore store,
      NDArray x,
      @Nullable NDArray padding,
      boolean training) {
    if (layer instanceof Encoder encoder) {
      return encoder.encode(store, x, padding, training);
    }
    throw new IllegalStateException(
        layer.getClass().getSimpleName()
            + " is causal; an encoder takes a norm of whole sequences");
  }

  private NDArray averaged(ParameterStore store, NDArray e, boolean training) {
    NDArray m = emaNorm.forward(store, e, training);
    return training && dropout > 0 ? replace(m, e, SCRIPT.call("drop", true, m, dropout)) : m;
  }

  /** Both residuals; frees what led here. */
  private NDArray residuals(
      ParameterStore store, NDArray x, NDArray a, boolean training, NDList temporary) {
    try (NDArray y = x.add(a);
        NDArray u = feedForwardNorm.forward(store, y, training);
        NDArray f = feedForward.forward(store, u, training)) {
      NDList scale =
          rescale == null ? new NDList() : new NDList(value(store, rescale, x, training));
      return SCRIPT.call("residual", training, twoHop ? x : y, f, scale);
    } finally {
      temporary.close();
    }
  }

  @Override
  public boolean hasUniformSteps() {
    return isUniform(norm) && (ema == null || isUniform(ema));
  }

  private static boolean isUniform(SequenceLayer layer) {
    return layer instanceof StreamingLayer streaming && streaming.hasUniformSteps();
  }

  /** {@inheritDoc} It holds the states of the norm, the EMA and the attention. */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.of(
        List.of(
            stateOf(norm, manager, type, batch, capacity),
            ema == null ? LayerState.of() : stateOf(ema, manager, type, batch, capacity),
            attention.newState(manager, type, batch)));
  }

  private static LayerState stateOf(
      SequenceLayer layer, NDManager manager, DataType type, int batch, int capacity) {
    return layer instanceof StreamingLayer streaming
        ? streaming.newState(manager, type, batch, capacity)
        : LayerState.of();
  }
}
