package org.megalab.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.megalab.data.SequentialWindows;
import org.megalab.data.Split;
import org.megalab.data.Window;
import org.megalab.data.file.Document;
import org.megalab.model.Patched;
import org.megalab.model.SequenceModel;

/**
 * What context the bytes of a document get when they are predicted. Every byte is predicted exactly
 * once, by a causal model that saw none of it: all of these are likelihoods. They cost the number
 * of {@link #passes()}, so that only equal ones compare (MEGABYTE).
 *
 * <pre>
 * sliding   windows of T bytes, T/2 apart; from the second on only the last T/2 bytes count
 * strided   a = costs of x, b = costs of x[s:], s = P/2
 *           cost_t = a_t if t mod P &lt; s, else b_t-s      the first half of every patch counts
 * </pre>
 *
 * T window, P patch size, t byte in the window.
 */
public enum Inference {
  /** Each window once. */
  BASIC(false, false),
  /** Windows that overlap by half; for any model. */
  SLIDING(true, false),
  /** Two passes over a window, half a patch apart; for a model of patches. */
  STRIDED(false, true),
  /** Strided passes over windows that overlap. */
  BOTH(true, true);

  /** The windows of one batch hold about this many bytes. */
  private static final int BATCH_BYTES = 16384;

  private final boolean sliding;
  private final boolean strided;

  Inference(boolean sliding, boolean strided) {
    this.sliding = sliding;
    this.strided = strided;
  }

  /** Returns how many times a byte goes through the model, about: 1, 2 or 4. */
  public int passes() {
    return (sliding ? 2 : 1) * (strided ? 2 : 1);
  }

  /**
   * Returns the cost of every byte of a document in order, in nats.
   *
   * @param model the model
   * @param document the bytes
   * @param window T, the bytes of a window
   * @throws IllegalArgumentException if this does not suit the model or the window
   */
  public double[] costs(SequenceModel model, Document document, int window) {
    double[] all = new double[Math.toIntExact(document.length())];
    Arrays.fill(all, Double.NaN);
    for (List<Window> batch : batches(new Split("document", List.of(document)), window)) {
      double[][] costs = costs(model, batch);
      for (int i = 0; i < costs.length; i++) {
        int first = Math.toIntExact(batch.get(i).offset() + batch.get(i).overlap());
        System.arraycopy(costs[i], 0, all, first, costs[i].length);
      }
    }
    return all;
  }

  /**
   * Returns the cost (B, T) in nats of the ids (B, T) of one window each: that of the model, or
   * where passes are strided, that of the pass in which a byte stands in the first half of its
   * patch.
   *
   * @throws IllegalArgumentException if passes are strided and the model is not {@link Patched}
   */
  public NDArray perByteLoss(SequenceModel model, NDArray ids) {
    if (!strided) {
      return model.perByteLoss(ids);
    }
    int patch = patchSize(model);
    int shift = patch / 2;
    int length = (int) ids.getShape().get(1);
    NDArray a = model.perByteLoss(ids); // (B, T)
    if (shift == 0 || length <= shift) {
      return a;
    }
    NDArray b = model.perByteLoss(ids.get(":, {}:", shift)); // (B, T - s)
    NDArray moved = NDArrays.concat(new NDList(a.get(":, :{}", shift), b), 1); // (B, T)
    boolean[] early = new boolean[length];
    for (int t = 0; t < length; t++) {
      early[t] = t % patch < shift;
    }
    NDArray first = ids.getManager().create(early, new Shape(1, length));
    return NDArrays.where(first.broadcast(a.getShape()), a, moved);
  }

  private int patchSize(SequenceModel model) {
    if (model.config() instanceof Patched patched) {
      return patched.patchSize();
    }
    throw new IllegalArgumentException(
        "strided inference needs a model that predicts the first bytes of a patch best (megabyte,"
            + " megabyte-hierarchical), got \""
            + model.config().architecture()
            + "\"; take basic or sliding");
  }

  /** The windows of a split in batches. */
  Iterable<List<Window>> batches(Split split, int window) {
    if (sliding && window < 2) {
      throw new IllegalArgumentException(
          "sliding windows overlap by half and need at least 2 bytes, got " + window);
    }
    int overlap = sliding ? window - window / 2 : 0;
    return new SequentialWindows(split, window, overlap).batches(Math.max(1, BATCH_BYTES / window));
  }

  /** The cost in nats of each byte that counts, window by window. */
  double[][] costs(SequenceModel model, List<Window> batch) {
    try (NDManager step = model.manager().newSubManager()) {
      NDArray ids =
          SequenceModel.ids(step, batch.stream().map(Window::bytes).toArray(byte[][]::new));
      double[] flat =
          perByteLoss(model, ids).toType(DataType.FLOAT64, false).toDoubleArray(); // (B, T)
      double[][] costs = new double[batch.size()][];
      int length = batch.get(0).length();
      for (int i = 0; i < costs.length; i++) {
        costs[i] = Arrays.copyOfRange(flat, i * length + batch.get(i).overlap(), (i + 1) * length);
      }
      return costs;
    }
  }
}
