package org.megalab.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import org.megalab.data.Split;
import org.megalab.data.Window;
import org.megalab.data.file.Document;
import org.megalab.model.DecodingState;
import org.megalab.model.SequenceModel;

/**
 * The costs of windows of any length that a model can read: in one forward pass up to its context,
 * beyond that a piece at a time through a decoding state, whose memory is bounded for some
 * architectures. Both give the same numbers within float rounding.
 */
final class WindowCosts {

  /** What is fed to a state at once. */
  private static final int PIECE = 4096;

  private final SequenceModel model;
  private final EvaluationListener listener;
  private final long all;
  private long done;
  private long windows;

  /** Receives costs in the order of a window; a window may come in several parts. */
  interface Reader {
    /**
     * Takes the costs of consecutive bytes.
     *
     * @param window the number of the window
     * @param document the number of its document
     * @param position where the first of the bytes stands in its window
     * @param nats their costs
     */
    void read(long window, int document, long position, double[] nats);
  }

  /**
   * Prepares to read.
   *
   * @param all the bytes that will be read, for the listener
   */
  WindowCosts(SequenceModel model, EvaluationListener listener, long all) {
    model.requireBytes();
    this.model = model;
    this.listener = listener;
    this.all = all;
  }

  /** Returns the longest window that a model can read; {@link Long#MAX_VALUE} for no limit. */
  static long longest(SequenceModel model) {
    try (DecodingState state = model.newDecodingState(1)) {
      return Math.max(state.capacity(), model.config().contextLength());
    }
  }

  /**
   * Reads every byte of a split in windows, each of which starts afresh.
   *
   * @return false if the listener stopped it
   */
  boolean every(Split split, long window, Inference inference, Reader reader) {
    if (window > model.config().contextLength()) {
      requireBasic(window, inference);
      for (int d = 0; d < split.documents().size(); d++) {
        long length = split.documents().get(d).length();
        for (long from = 0; from < length; from += window) {
          if (!stream(split, d, from, Math.min(window, length - from), reader)) {
            return false;
          }
        }
      }
      return true;
    }
    for (List<Window> batch : inference.batches(split, (int) window)) {
      if (!listener.onBytes(done, all)) {
        return false;
      }
      double[][] costs = inference.costs(model, batch);
      for (int i = 0; i < costs.length; i++) {
        Window each = batch.get(i);
        reader.read(windows++, each.document(), each.overlap(), costs[i]);
        done += costs[i].length;
      }
    }
    return true;
  }

  /**
   * Reads the beginning of a document as one window.
   *
   * @return false if the listener stopped it
   */
  boolean beginning(Split split, int document, long bytes, Reader reader) {
    if (bytes > model.config().contextLength()) {
      return stream(split, document, 0, bytes, reader);
    }
    if (!listener.onBytes(done, all)) {
      return false;
    }
    try (NDManager step = model.manager().newSubManager()) {
      byte[] text = split.documents().get(document).read(0, (int) bytes);
      NDArray costs = model.perByteLoss(SequenceModel.ids(step, text)); // (1, n)
      reader.read(windows++, document, 0, costs.toType(DataType.FLOAT64, false).toDoubleArray());
    }
    done += bytes;
    return true;
  }

  private void requireBasic(long window, Inference inference) {
    if (inference != Inference.BASIC) {
      throw new IllegalArgumentException(
          "windows of %,d bytes are longer than the model's context of %,d and are read in one stream: take basic inference, not %s, or shorter windows"
              .formatted(window, model.config().contextLength(), inference));
    }
  }

  private boolean stream(Split split, int d, long from, long bytes, Reader reader) {
    Document document = split.documents().get(d);
    try (DecodingState state = model.newDecodingState(1)) {
      if (bytes > state.capacity()) {
        throw new IllegalArgumentException(
            "the model's state holds %,d bytes and a window has %,d; take shorter windows, or an architecture with a bounded state, such as megalodon"
                .formatted(state.capacity(), bytes));
      }
      for (long at = 0; at < bytes; at += PIECE) {
        if (!listener.onBytes(done, all)) {
          return false;
        }
        int n = (int) Math.min(PIECE, bytes - at);
        reader.read(windows, d, at, costs(state, document.read(from + at, n)));
        done += n;
      }
    }
    windows++;
    return true;
  }

  /** The costs of the next bytes of a stream. */
  private double[] costs(DecodingState state, byte[] bytes) {
    try (NDManager step = model.manager().newSubManager()) {
      NDArray ids = SequenceModel.ids(step, bytes); // (1, n)
      NDArray logits = state.feed(ids); // (1, n, V)
      NDArray costs = SequenceModel.crossEntropy(logits, ids, false); // (1, n)
      return costs.toType(DataType.FLOAT64, false).toDoubleArray();
    }
  }
}
