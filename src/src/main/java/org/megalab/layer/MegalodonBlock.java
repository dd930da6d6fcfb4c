package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Script;

/**
 * A {@link MegalodonLayer} as one function with its gradient written out, {@code
 * megalodon_block.py}: the same numbers, within rounding, in fewer passes over a GPU's memory. It
 * trains whole sequences through blocks that are as in the paper; an ablated block, dropout, a
 * carried state and a length that is no multiple of the average's blocks go part by part.
 */
final class MegalodonBlock {

  private static final Script SCRIPT = Script.fusing(MegalodonBlock.class, "megalodon_block");

  /** The steps that the moving average takes at a time. */
  private static final int AVERAGE_STEPS = 128;

  private final TimestepNorm norm;
  private final ComplexEma ema;
  private final MegalodonLayer.Parts parts;
  private final boolean twoHop;

  private MegalodonBlock(
      TimestepNorm norm, ComplexEma ema, MegalodonLayer.Parts parts, boolean twoHop) {
    this.norm = norm;
    this.ema = ema;
    this.parts = parts;
    this.twoHop = twoHop;
  }

  /** Returns the block of these parts; null where one of them is not the paper's. */
  static @Nullable MegalodonBlock of(MegalodonLayer.Parts parts, boolean twoHop) {
    double epsilon = parts.attention().options().normEpsilon();
    return parts.norm() instanceof TimestepNorm norm
            && norm.epsilon() == epsilon
            && parts.emaNorm().epsilon() == epsilon
            && parts.feedForwardNorm().epsilon() == epsilon
            && norm.isWithoutPrior()
            && parts.ema() instanceof ComplexEma ema
            && !ema.isBidirectional()
            && parts.emaNorm().addsOne()
            && parts.feedForwardNorm().addsOne()
            && parts.attention().isPlain()
            && parts.feedForward().isPlain()
        ? new MegalodonBlock(norm, ema, parts, twoHop)
        : null;
  }

  /** Whether sequences of this many steps are whole blocks of the average and whole chunks. */
  boolean takes(long steps) {
    long chunk = Math.min(parts.attention().options().chunkSize(), steps);
    return steps > 0 && steps % Math.min(AVERAGE_STEPS, steps) == 0 && steps % chunk == 0;
  }

  /**
   * Runs the block on x (B, T, D), in training.
   *
   * @param autograd that of the thread
   */
  NDArray forward(ParameterStore store, NDArray x, Autograd autograd) {
    NDList leaves = ema.leaves();
    otherParts().forEach(part -> leaves.addAll(part.leaves()));
    return autograd.apply(new Step(store, autograd), x, leaves);
  }

  /** The parts with parameters behind the average, in the order in which the script takes them. */
  private List<Layer> otherParts() {
    return List.of(
        norm, parts.emaNorm(), parts.attention(), parts.feedForwardNorm(), parts.feedForward());
  }

  /** The function of x, with the parameters of the average and the others. */
  private final class Step implements Autograd.Differentiable {
    private final ParameterStore store;
    private final Autograd autograd;

    Step(ParameterStore store, Autograd autograd) {
      this.store = store;
      this.autograd = autograd;
    }

    @Override
    public NDList forward(NDArray x) {
      return SCRIPT.callAll("forward", true, arguments(x, x, average(x), others(x), turns(x)));
    }

    @Override
    public List<@Nullable NDArray> gradients(NDArray x, NDList saved, NDArray gradient) {
      return List.copyOf(
          SCRIPT.callAll(
              "gradient", true, arguments(x, gradient, x, average(x), others(x), saved, turns(x))));
    }

    private NDList average(NDArray x) {
      return ema.values(store, x, true);
    }

    private NDList others(NDArray x) {
      NDList others = new NDList();
      otherParts().forEach(part -> others.addAll(part.values(store, x, true)));
      return others;
    }

    /** Cosines and sines of the positions in a chunk, for all blocks of the step. */
    private NDList turns(NDArray x) {
      NormalizedAttention attention = parts.attention();
      double base = attention.options().ropeBase();
      long chunk = Math.min(attention.options().chunkSize(), x.getShape().get(1));
      int dim = attention.keyDim();
      return autograd.share(
          List.of("turns", chunk, dim, base, x.getDataType()),
          () -> SCRIPT.callAll("turns", true, x, chunk, dim, base));
    }

    private Object[] arguments(NDArray x, Object... arrays) {
      NormalizedAttention.Options options = parts.attention().options();
      List<Object> all = new ArrayList<>(List.of(arrays));
      all.add(Math.min(AVERAGE_STEPS, x.getShape().get(1)));
      all.add(norm.groups());
      all.add(options.heads());
      all.add(options.normEpsilon());
      all.add(twoHop);
      return all.toArray();
    }
  }
}
