package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Autograd;

/**
 * Runs layers one after the other; in training in segments whose activations are computed again,
 * where the thread's {@link Autograd} says so. A stack among the layers, and one whose gradient is
 * written out, make segments of their own.
 */
final class Segments {

  private Segments() {}

  /** Runs one layer. */
  @FunctionalInterface
  interface Step<L> {
    /** Returns what the layer makes of h (B, T, D) with its part of the state. */
    NDArray apply(L layer, NDArray h, @Nullable LayerState state);
  }

  /**
   * Runs all layers.
   *
   * @param x (B, T, D)
   * @param state holds the states of the layers inside; null for none
   * @return (B, T, D), x itself where there are no layers
   */
  static <L> NDArray run(
      List<L> layers, NDArray x, @Nullable LayerState state, boolean training, Step<L> step) {
    Autograd autograd = training ? Autograd.current() : null;
    int most = autograd == null ? 0 : autograd.recomputeLayers();
    NDArray h = x;
    for (int i = 0; i < layers.size(); ) {
      int end = i + 1;
      NDArray next;
      if (autograd == null || most == 0 || isItsOwn(layers.get(i), h, state, i)) {
        begin(autograd);
        next = step.apply(layers.get(i), h, state == null ? null : state.inner(i));
      } else {
        while (end < Math.min(layers.size(), i + most)
            && !isItsOwn(layers.get(end), h, state, end)) {
          end++;
        }
        next = segment(autograd, layers.subList(i, end), h, states(state, i, end), step);
      }
      h = SequenceLayer.replace(h, x, next);
      i = end;
    }
    return h;
  }

  /** Whether a layer makes segments by itself. */
  private static boolean isItsOwn(Object layer, NDArray h, @Nullable LayerState state, int i) {
    return layer instanceof LayerStack
        || layer instanceof StreamingLayer streaming
            && streaming.writesGradient(h, state == null ? null : state.inner(i));
  }

  /** Runs one layer of any inputs, in training as a segment where the thread's Autograd says so. */
  static NDArray one(boolean training, Function<NDList, NDArray> layer, NDArray... inputs) {
    Autograd autograd = training ? Autograd.current() : null;
    if (autograd == null || autograd.recomputeLayers() == 0) {
      begin(autograd);
      return layer.apply(new NDList(inputs));
    }
    return autograd.recompute(
        xs -> {
          autograd.beginLayer();
          return layer.apply(xs);
        },
        inputs);
  }

  private static void begin(@Nullable Autograd autograd) {
    if (autograd != null) {
      autograd.beginLayer();
    }
  }

  private static List<LayerState> states(@Nullable LayerState state, int from, int end) {
    return state == null ? List.of() : IntStream.range(from, end).mapToObj(state::inner).toList();
  }

  /** The second run begins from the states as they were, and leaves the true ones alone. */
  private static <L> NDArray segment(
      Autograd autograd, List<L> layers, NDArray x, List<LayerState> states, Step<L> step) {
    NDManager owner = x.getManager();
    List<LayerState> before = states.stream().map(state -> state.map(autograd::keep)).toList();
    return autograd.recompute(
        inputs -> {
          List<LayerState> now = Autograd.isReplaying() ? before : states;
          NDArray h = inputs.get(0);
          for (int i = 0; i < layers.size(); i++) {
            autograd.beginLayer();
            LayerState state = now.isEmpty() ? null : now.get(i);
            h = SequenceLayer.replace(h, inputs.get(0), step.apply(layers.get(i), h, state));
          }
          if (!Autograd.isReplaying()) {
            states.forEach(state -> state.all().forEach(array -> array.attach(owner)));
          }
          return h;
        },
        x);
  }
}
