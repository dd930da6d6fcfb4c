package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Autograd;

/**
 * A layer from (B, T, D) to (B, T, D) that can go on where it stopped: running it over the parts of
 * a sequence, one after the other with one state, gives what one run over the whole gives, within
 * float rounding.
 */
public abstract class StreamingLayer extends SequenceLayer {

  /**
   * Runs the layer over the next steps of sequences.
   *
   * @param store where the parameters come from
   * @param x (B, T, D)
   * @param state what is known of the steps before, and is brought up to date; null at the
   *     beginning of sequences that are given whole
   * @param training whether dropout applies and the result takes part in autograd
   * @return (B, T, D)
   */
  public abstract NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training);

  /** The thread's Autograd where the layer is to run as one function; null where part by part. */
  final @Nullable Autograd ownSegment(NDArray x, @Nullable LayerState state, boolean training) {
    Autograd autograd = training ? Autograd.current() : null;
    boolean whole = autograd != null && !autograd.isInSegment() && writesGradient(x, state);
    return whole ? autograd : null;
  }

  /** Whether the layer is a segment of its own in training, with its gradient written out. */
  boolean writesGradient(NDArray x, @Nullable LayerState state) {
    return false;
  }

  /**
   * Returns whether a single step does the same whatever its position, where the state has a {@link
   * LayerState#place()}: then the kernels of one step, recorded, do for all.
   */
  public boolean hasUniformSteps() {
    return false;
  }

  /**
   * Allocates the state of B sequences at their beginning.
   *
   * @param manager owns the arrays
   * @param type the element type of the layer's parameters
   * @param batch B
   * @param capacity the number of steps that it must be able to hold; layers whose memory is
   *     bounded ignore it
   */
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    return LayerState.of();
  }

  @Override
  public final NDArray forward(ParameterStore store, NDArray x, boolean training) {
    return forward(store, x, null, training);
  }
}
