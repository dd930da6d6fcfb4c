package org.megalab.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.megalab.data.file.Document;

/**
 * Batches of which every row is a stream: whole documents from beginning to end, window after
 * window, for training with a state that is carried from step to step. Fixed by the seed and the
 * step alone.
 *
 * <pre>
 * order    epoch 0 in a random order, epoch 1 in another, …: every document once an epoch
 * rows     the next document goes to the row that is free first, the lowest of several
 * windows  ⌈n / T⌉ of a document of n bytes, the last one filled up with zeros that do not count
 * </pre>
 *
 * <p>No row ever waits for another, so that the rows are in different documents, and at the end of
 * an epoch in different epochs; every byte counts once an epoch. Any step may be asked for; to go
 * on is faster than to go back, which counts the documents from the beginning.
 *
 * <p>The common mistake is to carry the state on where {@link Batch#begins()} says that another
 * document begins.
 */
public final class DocumentStreams {

  private final Split split;
  private final int length;
  private final long seed;
  private final int[] document; // of each row
  private final long[] first; // the step at which it began
  private final long[] end; // the step after its last
  private int[] order = {};
  private long epoch;
  private int next;

  /**
   * What is read at a step.
   *
   * @param rows B rows of T bytes
   * @param begins (B), whether a document begins with this window
   * @param counts (B), how many bytes of the window count; zeros follow
   */
  @SuppressWarnings("ArrayRecordComponent") // batches are never compared
  public record Batch(byte[][] rows, boolean[] begins, int[] counts) {

    /** Returns which bytes count, row after row: (B · T). */
    public boolean[] mask() {
      int length = rows[0].length;
      boolean[] mask = new boolean[rows.length * length];
      for (int b = 0; b < rows.length; b++) {
        Arrays.fill(mask, b * length, b * length + counts[b], true);
      }
      return mask;
    }

    /** Returns the number of bytes that count. */
    public long bytes() {
      return Arrays.stream(counts).asLongStream().sum();
    }
  }

  /**
   * Streams through the documents of a split.
   *
   * @param split what is read
   * @param length T, the bytes of a window
   * @param batchSize B, the number of rows
   * @param seed decides the order of the documents
   * @throws IllegalArgumentException if the split is empty, or a number below 1
   */
  public DocumentStreams(Split split, int length, int batchSize, long seed) {
    split.checkWindows(length);
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "the batch has " + batchSize + " rows; it must have at least 1");
    }
    this.split = split;
    this.length = length;
    this.seed = seed;
    document = new int[batchSize];
    first = new long[batchSize];
    end = new long[batchSize];
    begin();
  }

  /** Returns T, the bytes of a window. */
  public int length() {
    return length;
  }

  /** Returns B, the number of rows. */
  public int batchSize() {
    return document.length;
  }

  /** Returns the number of windows of all documents; an epoch takes about this over B steps. */
  public long windows() {
    return IntStream.range(0, split.documents().size()).mapToLong(this::windows).sum();
  }

  private long windows(int d) {
    return (split.documents().get(d).length() + length - 1) / length;
  }

  /**
   * Returns the batch of a step, all new arrays.
   *
   * @throws IllegalArgumentException if the step is negative
   * @throws java.io.UncheckedIOException if a document cannot be read
   */
  public synchronized Batch batch(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("the step is " + step + "; steps count from 0");
    }
    goTo(step);
    int rows = batchSize();
    byte[][] bytes = new byte[rows][length];
    boolean[] begins = new boolean[rows];
    int[] counts = new int[rows];
    for (int b = 0; b < rows; b++) {
      Document read = split.documents().get(document[b]);
      long offset = (step - first[b]) * length;
      begins[b] = offset == 0;
      counts[b] = (int) Math.min(length, read.length() - offset);
      read.read(offset, bytes[b], 0, counts[b]);
    }
    return new Batch(bytes, begins, counts);
  }

  /** Gives out documents until every row has one at this step. */
  private void goTo(long step) {
    if (Arrays.stream(first).anyMatch(began -> began > step)) {
      begin();
    }
    for (int row = free(); end[row] <= step; row = free()) {
      if (next == order.length) {
        epoch++;
        next = 0;
        order = order();
      }
      document[row] = order[next++];
      first[row] = end[row];
      end[row] += windows(document[row]);
    }
  }

  private void begin() {
    Arrays.fill(first, 0);
    Arrays.fill(end, 0);
    epoch = 0;
    next = 0;
    order = order();
  }

  /** The row that is free first. */
  private int free() {
    int row = 0;
    for (int b = 1; b < end.length; b++) {
      row = end[b] < end[row] ? b : row;
    }
    return row;
  }

  /** The documents of the epoch by random keys. */
  private int[] order() {
    long key = SplitMix64.key(seed, epoch);
    return IntStream.range(0, split.documents().size())
        .boxed()
        .sorted(
            Comparator.comparingLong((Integer d) -> SplitMix64.key(key, d))
                .thenComparing(Comparator.naturalOrder()))
        .mapToInt(d -> d)
        .toArray();
  }
}
