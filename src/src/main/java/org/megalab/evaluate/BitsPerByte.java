package org.megalab.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.megalab.data.Split;
import org.megalab.data.Window;
import org.megalab.model.SequenceModel;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What a split costs under a model: every byte of every document predicted once.
 *
 * <p>A document is cut into consecutive windows of the model's context; each window starts afresh,
 * so that its first bytes have little context, unless another {@link Inference} pays for more.
 * Documents are weighted by their bytes:
 *
 * <pre>
 * bits per byte = Σ −log₂ p(byte | bytes before it in its window) / number of bytes
 * </pre>
 *
 * @param documents the cost of each document
 * @param nats the summed cost in nats
 * @param bytes the number of bytes
 * @param complete whether all documents were read; false if the evaluation was stopped
 */
public record BitsPerByte(List<DocumentCost> documents, double nats, long bytes, boolean complete) {

  /**
   * The cost of one document.
   *
   * @param name the document
   * @param bytes its length
   * @param bitsPerByte its cost
   */
  public record DocumentCost(String name, long bytes, double bitsPerByte) {}

  /** Copies the list. */
  public BitsPerByte {
    documents = List.copyOf(documents);
  }

  /** Evaluates a model on all documents of a split, in windows of its context. */
  public static BitsPerByte of(SequenceModel model, Split split) {
    return of(model, split, model.config().contextLength(), () -> false);
  }

  /** Evaluates a model on all documents of a split, in windows of its context. */
  public static BitsPerByte of(SequenceModel model, Split split, Inference inference) {
    return of(model, split, model.config().contextLength(), inference, () -> false);
  }

  /** Evaluates a model on all documents of a split, each window on its own. */
  public static BitsPerByte of(SequenceModel model, Split split, int window, BooleanSupplier stop) {
    return of(model, split, window, Inference.BASIC, stop);
  }

  /**
   * Evaluates a model on all documents of a split.
   *
   * @param model the model
   * @param split the documents
   * @param window the bytes of a window
   * @param inference what context the bytes of a window get
   * @param stop asked between batches; when it says yes the cost so far is returned
   * @throws IllegalArgumentException if the inference does not suit the model or the window
   */
  public static BitsPerByte of(
      SequenceModel model, Split split, int window, Inference inference, BooleanSupplier stop) {
    model.requireBytes();
    int count = split.documents().size();
    double[] nats = new double[count];
    long[] bytes = new long[count];
    boolean complete = true;
    for (List<Window> batch : inference.batches(split, window)) {
      if (stop.getAsBoolean()) {
        complete = false;
        break;
      }
      double[][] costs = inference.costs(model, batch);
      for (int i = 0; i < costs.length; i++) {
        int d = batch.get(i).document();
        nats[d] += Arrays.stream(costs[i]).sum();
        bytes[d] += costs[i].length;
      }
    }
    List<DocumentCost> documents = new ArrayList<>();
    double allNats = 0;
    long allBytes = 0;
    for (int d = 0; d < count; d++) {
      if (bytes[d] > 0) {
        documents.add(
            new DocumentCost(split.documents().get(d).name(), bytes[d], bits(nats[d], bytes[d])));
      }
      allNats += nats[d];
      allBytes += bytes[d];
    }
    return new BitsPerByte(documents, allNats, allBytes, complete);
  }

  private static double bits(double nats, long bytes) {
    return nats / bytes / Math.log(2);
  }

  /** Returns the mean cost of a byte in bits. */
  public double value() {
    return bits(nats, bytes);
  }

  /** Returns one row a document. */
  public Table table() {
    return Table.create(
        "bits per byte",
        StringColumn.create("document", documents.stream().map(DocumentCost::name)),
        LongColumn.create("bytes", documents.stream().mapToLong(DocumentCost::bytes)),
        DoubleColumn.create(
            "bits per byte", documents.stream().mapToDouble(DocumentCost::bitsPerByte)));
  }
}
