package org.megalab.torchscript;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records what a thread computes, for gradients.
 *
 * <pre>
 * try (Autograd autograd = new Autograd()) {
 *   autograd.backward(model.perByteLoss(store, ids, true).mean());
 * }
 * </pre>
 *
 * <p>It does what DJL's {@code GradientCollector} does, of which the engine allows one at a time in
 * the whole process: recording is a state of the thread here, so that several threads can train
 * several models.
 *
 * <p>With {@link Options} activations are computed a second time instead of being kept (Chen et al.
 * 2016, section 4). A segment of a model is first run without recording; its result is a leaf of
 * the graph. After the backward pass has reached the leaf, the segment is run again from its kept
 * inputs, with recording, and the leaf's gradient sent through it; segments come in reverse order.
 *
 * <pre>
 * memory   all activations                    →  inputs of all segments + activations of one
 * work     one forward, one backward          →  two forward, one backward
 * </pre>
 *
 * Gradients are the same, on a CPU bit for bit when they begin at zero; but a parameter that is
 * used several times in each of several segments sums in another order, to rounding. Random numbers
 * are those of the process: while segments with dropout run, another thread that draws some makes
 * the second run another one, which on a CPU is noticed and an error.
 */
public final class Autograd implements AutoCloseable {

  private static final ThreadLocal<@Nullable Autograd> CURRENT = new ThreadLocal<>();

  private final boolean before = JniUtils.isGradMode();
  private final @Nullable Autograd outer = CURRENT.get();
  private final @Nullable Options options;
  private final Tape tape = new Tape();

  /**
   * How memory is saved.
   *
   * @param seed decides the random numbers of what is computed; another one for every step
   * @param recomputeLayers the layers of a stack that are one segment; 0 to keep all activations.
   *     On a GPU a layer whose gradient is written out is always one by itself
   * @param lossSlice the steps whose logits exist at a time; 0 for all
   */
  public record Options(long seed, int recomputeLayers, int lossSlice) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public Options {
      if (recomputeLayers < 0 || lossSlice < 0) {
        throw new IllegalArgumentException(
            "recomputeLayers and lossSlice must not be negative (0 keeps all), got "
                + recomputeLayers
                + " and "
                + lossSlice);
      }
    }
  }

  /** A function whose gradient is written out, for speed: autograd records nothing inside. */
  public interface Differentiable {

    /** Returns the result, and behind it what {@link #gradients} needs besides x. */
    NDList forward(NDArray x);

    /**
     * Returns the gradients of x and of the parameters, in their order, null for none.
     *
     * @param x what {@link #forward} got
     * @param saved what it returned behind the result
     * @param gradient that of the result
     */
    List<@Nullable NDArray> gradients(NDArray x, NDList saved, NDArray gradient);
  }

  /** Computes steps first, first + 1, … of a result from the same steps of x. */
  @FunctionalInterface
  public interface Slice {
    /** Returns what belongs to the steps x (B, n, …), of which the first has this number. */
    NDArray apply(NDArray x, long first);
  }

  /** Begins recording on this thread; all activations are kept. */
  public Autograd() {
    this(null);
  }

  /**
   * Begins recording on this thread. What is computed from here on depends on the seed, recomputed
   * or not.
   */
  public Autograd(@Nullable Options options) {
    this.options = options;
    JniUtils.setGradMode(true);
    CURRENT.set(this);
    if (options != null) {
      Seeds.set(options.seed());
    }
  }

  /** Returns what this thread has begun last and not closed; null where there is none. */
  public static @Nullable Autograd current() {
    return CURRENT.get();
  }

  /** Returns whether this thread records what it computes. */
  public static boolean isRecording() {
    return JniUtils.isGradMode();
  }

  /** Returns whether a segment runs for the second time: what it counts, it has counted. */
  public static boolean isReplaying() {
    Autograd current = CURRENT.get();
    return current != null && current.tape.isReplaying();
  }

  /** Returns whether a segment is under way, in which no others begin. */
  public boolean isInSegment() {
    return tape.isInside();
  }

  /** Returns the layers of a stack that make a segment; 0 where activations are to be kept. */
  public int recomputeLayers() {
    return options == null || tape.isInside() ? 0 : options.recomputeLayers();
  }

  /** Returns the steps whose logits may exist at a time; 0 for any number. */
  public int lossSlice() {
    return options == null ? 0 : options.lossSlice();
  }

  /** Gives the next layer random numbers of its own, the same when it is run again. */
  public void beginLayer() {
    if (options != null) {
      long layer = tape.beginLayer();
      Seeds.set(options.seed() * 0x9E3779B97F4A7C15L + layer * 0xBF58476D1CE4E5B9L);
    }
  }

  /**
   * Runs a segment whose activations are computed again in the backward pass. Inside of another it
   * is simply run.
   *
   * <p>The common mistake: arrays other than the inputs, through which gradients would have to flow
   * too (but for parameters), or which are closed before the backward pass. Where several segments
   * read what one array led to, {@link #cut} that array first.
   *
   * @param function computes the result from the inputs, twice; it must do the same both times
   * @param inputs at least one
   * @return the result, owned by the manager of the first input
   */
  public NDArray recompute(Function<NDList, NDArray> function, NDArray... inputs) {
    boolean alone = isRecording() && !tape.isInside();
    return alone ? tape.recompute(function, inputs) : function.apply(new NDList(inputs));
  }

  /**
   * Runs a function whose gradient is written out. Where activations are to be recomputed it runs
   * again in the backward pass, and nothing is saved.
   *
   * <p>The common mistake: x that something else reads too, a residual or a second such function.
   * {@link #cut} x first, and give the leaf to both.
   *
   * <p>What it reads of a store it asks the store for when it runs, while nothing is recorded:
   * rounded copies need no graph, for the gradients, which may be in bfloat16 then, are added to
   * those of the parameters themselves, all at the end of the backward pass.
   *
   * @param x what it is a function of
   * @param parameters leaves of the graph, of which the function returns gradients too
   * @return the result, owned by the manager of x
   * @throws IllegalStateException inside of a segment that is recomputed
   */
  public NDArray apply(Differentiable function, NDArray x, NDList parameters) {
    if (!isRecording()) {
      return Tape.first(function.forward(x));
    }
    if (tape.isInside()) {
      throw new IllegalStateException(
          "a function with its own gradient is a segment of its own, got one inside of another");
    }
    return tape.apply(function, x, parameters, recomputeLayers() > 0);
  }

  /**
   * Computes a result (B, T) from x (B, T, …) in slices of its steps, of which one at a time holds
   * activations, in the backward pass too.
   *
   * @param x what is cut
   * @param steps the length of a slice
   * @param function computes a slice, twice
   * @return the result, owned by the manager of x
   */
  public NDArray bySlices(NDArray x, long steps, Slice function) {
    boolean alone = isRecording() && !tape.isInside();
    return alone ? tape.bySlices(x, steps, function) : function.apply(x, 0);
  }

  /**
   * Computes a result (B, T) from x (B, T, …) in slices of its steps, for no gradients.
   *
   * @param scope owns the result; memory of a slice is freed before the next
   */
  public static NDArray inSlices(NDArray x, long steps, NDManager scope, Slice function) {
    NDList results = new NDList();
    long length = x.getShape().get(1);
    for (long first = 0; first < length; first += steps) {
      try (NDManager slice = scope.newSubManager()) {
        NDArray part = x.get(":, {}:{}", first, Math.min(length, first + steps));
        part.attach(slice);
        NDArray result = function.apply(part, first);
        result.attach(scope);
        results.add(result);
      }
    }
    return NDArrays.concat(results, 1);
  }

  /**
   * Returns x as a leaf, to be read by several segments: the graph behind x is passed through once,
   * when all of them are done.
   */
  public NDArray cut(NDArray x) {
    boolean alone = isRecording() && !tape.isInside();
    return alone ? tape.cut(x) : x.reshape(x.getShape());
  }

  /**
   * Returns arrays that several layers need and that depend on no input, such as tables of
   * positions: those of the first who asks. They live as long as this records.
   *
   * @param key tells them from others
   * @param arrays computes them, without a graph
   */
  public NDList share(Object key, Supplier<NDList> arrays) {
    return tape.share(key, arrays);
  }

  /** Returns the array without its graph and for as long as this records, for a second run. */
  public NDArray keep(NDArray array) {
    return tape.keep(array);
  }

  /**
   * Adds the gradients of a scalar to those of the arrays that it was computed from. Losses that
   * share layers are added up first: a second call does not reach what the first has led back.
   *
   * @param scalar an array of one element
   * @throws IllegalArgumentException if it is in bfloat16, of which the JVM would end
   * @throws IllegalStateException if a segment gave another result when it was run again
   * @throws DeviceMemoryException if memory is short; some gradients are added then, others not
   */
  public void backward(NDArray scalar) {
    if (TensorTypes.isBfloat16(scalar)) {
      throw new IllegalArgumentException(
          "a loss is in float32 or float64, got bfloat16; end its script with .to(torch.float32)");
    }
    try (NDArray one = scalar.onesLike()) {
      JniUtils.backward((PtNDArray) scalar, (PtNDArray) one, false, false);
      tape.unwind();
    } catch (EngineException e) {
      throw DeviceMemoryException.translate(e);
    }
    beginLayer(); // so that what follows does not depend on how often layers were run
  }

  /** Ends recording. */
  @Override
  public void close() {
    tape.close();
    if (outer == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(outer);
    }
    JniUtils.setGradMode(before);
  }
}
