package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.megalab.torchscript.Script;

/**
 * Where a single step of a sequence stands, for kernels that are recorded once for many steps
 * ({@link org.megalab.torchscript.CudaGraph}): their arguments are the same each time, and the
 * number is in an array. What several layers need of it is computed once a step.
 */
public final class Place {

  private static final Script ROTARY = Script.resource(Place.class, "rotary");

  private static final Script ATTENTION = Script.resource(Place.class, "attention");

  private final NDArray position;
  private final int reach;
  private final Map<Object, NDList> shared = new HashMap<>();

  /**
   * Creates the place of one step.
   *
   * @param position (1) int64, what {@link LayerState#position()} says
   * @param reach more than the position, or than its place in what is forgotten together, such as a
   *     chunk: so many entries of a cache are read
   */
  public Place(NDArray position, int reach) {
    this.position = position;
    this.reach = reach;
  }

  /** Returns the position, (1) int64. */
  public NDArray position() {
    return position;
  }

  /** Returns how many entries of a cache are read. */
  public int reach() {
    return reach;
  }

  /**
   * Returns what turns rotary queries and keys: cosines and signed sines, each (d).
   *
   * @param like an array of their type, which the step frees
   * @param dim d
   * @param base of the frequencies
   * @param pairing which channels turn together
   * @param period the steps after which positions begin anew; 0 for never
   */
  NDList rotation(NDArray like, int dim, double base, RopePairing pairing, int period) {
    return share(
        List.of("rotation", dim, base, pairing, period),
        () ->
            ROTARY.callAll("rotation", false, like, position, dim, base, pairing.halves(), period));
  }

  /**
   * Returns what is added to the scores of the first entries (S) of a cache: nothing up to the
   * position, and so much less behind it that they count for nothing.
   *
   * @param like an array of their type, which the step frees
   * @param reach S
   * @param period the steps after which positions begin anew; 0 for never
   */
  NDArray mask(NDArray like, int reach, int period) {
    return share(
            List.of("mask", reach, period),
            () -> new NDList(ATTENTION.call("mask", false, like, position, reach, period)))
        .get(0);
  }

  private NDList share(Object key, Supplier<NDList> arrays) {
    return shared.computeIfAbsent(key, k -> arrays.get());
  }
}
