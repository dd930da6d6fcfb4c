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

  private static final Script SCRIPT =
      Script.resource(MegalodonBlock.class, "megalodon_block").fusing();

  /** The steps that the moving average takes at a time. */
  private static final int AVERAGE_STEPS = 128;

  private static final int AVERAGE_PARAMETERS = 5;

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
    return parts.norm() instanceof TimestepNorm norm
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
    return steps % Math.min(AVERAGE_STEPS, steps) == 0 && steps % chunk == 0;
  }

  /**
   * Runs the block on x (B, T, D), in training.
   *
   * @param autograd that of the thread
   */
  NDArray forward(ParameterStore store, NDArray x, Autograd autograd) {
    NDList inputs = new NDList(x);
    for (Layer part :
        List.of(
            ema,
            norm,
            parts.emaNorm(),
            parts.attention(),
            parts.feedForwardNorm(),
            parts.feedForward())) {
      inputs.addAll(part.values(store, x, true));
    }
    return autograd.apply(new Step(), inputs);
  }

  /** The function of x, the average's parameters and the others. */
  private final class Step implements Autograd.Differentiable {

    @Override
    public NDList forward(NDList inputs) {
      return call("forward", inputs.get(0), inputs, null);
    }

    @Override
    public List<@Nullable NDArray> gradients(NDList inputs, NDList saved, NDArray gradient) {
      return List.copyOf(call("gradient", gradient, inputs, saved));
    }

    private NDList call(String function, NDArray first, NDList inputs, @Nullable NDList saved) {
      NormalizedAttention.Options options = parts.attention().options();
      List<Object> arguments = new ArrayList<>(List.of(first));
      if (saved != null) {
        arguments.add(inputs.get(0));
      }
      arguments.add(new NDList(inputs.subList(1, 1 + AVERAGE_PARAMETERS)));
      arguments.add(new NDList(inputs.subList(1 + AVERAGE_PARAMETERS, inputs.size())));
      if (saved != null) {
        arguments.add(saved);
      }
      arguments.addAll(
          List.of(
              Math.min(AVERAGE_STEPS, inputs.get(0).getShape().get(1)),
              norm.groups(),
              options.heads(),
              options.chunkSize(),
              options.ropeBase(),
              options.normEpsilon(),
              twoHop));
      return SCRIPT.callAll(function, true, arguments.toArray());
    }
  }
}
