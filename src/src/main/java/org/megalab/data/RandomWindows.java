package org.megalab.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.megalab.data.file.Document;

/**
 * Training batches of windows at random positions, fixed by the seed and the step alone.
 *
 * <p>There is no reader state: {@code batch(step)} gives the same bytes whenever, wherever and in
 * whatever order it is asked for, so a resumed run continues with the data it would have seen. The
 * start of row r at step s is
 *
 * <pre>
 *   u(s, r) = key(seed, s, r)              of {@link SplitMix64}, unsigned
 *   start   = u(s, r) mod M · stride       M the number of valid starts
 * </pre>
 *
 * <p>A document of n bytes offers ⌊(n − length) / stride⌋ + 1 valid starts, the multiples of the
 * stride from its beginning on; they are numbered through the documents in order. Every start is
 * equally likely (up to M / 2⁶⁴), hence a document is drawn about in proportion to its bytes.
 * Documents shorter than the window offer none and are skipped; {@link #skipped} counts them.
 * Evaluation reads them ({@link SequentialWindows}).
 *
 * <p>A stride of 1 takes windows anywhere, as for text. Data with units want another: the bytes of
 * a sample for sound, the bytes of a patch or of the window itself for pictures, whose windows then
 * tile each picture. The common mistake is to leave it at 1 there: a model of patches then sees
 * colours and samples in every phase, and learns none.
 */
public final class RandomWindows {
  private final Split split;
  private final int length;
  private final int batchSize;
  private final long seed;
  private final int stride;
  private final int[] documents; // the indices of those that are long enough
  private final long[] firstStart; // firstStart[i]: valid starts in the documents before that one
  private final long starts;

  /**
   * Windows of {@code length} bytes that start anywhere, {@code batchSize} of them in a batch;
   * errors as in the other constructor.
   */
  public RandomWindows(Split split, int length, int batchSize, long seed) {
    this(split, length, batchSize, seed, 1);
  }

  /**
   * Windows of {@code length} bytes, {@code batchSize} of them in a batch, that start at multiples
   * of {@code stride} in their documents.
   *
   * @throws IllegalArgumentException if the split is empty, a number is below 1, or every document
   *     is shorter than the window
   */
  public RandomWindows(Split split, int length, int batchSize, long seed, int stride) {
    split.checkWindows(length);
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "the batch has " + batchSize + " rows; it must have at least 1");
    }
    if (stride < 1) {
      throw new IllegalArgumentException(
          "the stride is "
              + stride
              + " bytes; it must be at least 1, which lets windows start anywhere");
    }
    this.split = split;
    this.stride = stride;
    this.length = length;
    this.batchSize = batchSize;
    this.seed = seed;
    this.documents = longEnough(split, length);
    this.firstStart = new long[documents.length];
    long total = 0;
    for (int i = 0; i < documents.length; i++) {
      firstStart[i] = total;
      total += (split.documents().get(documents[i]).length() - length) / stride + 1;
    }
    this.starts = total;
  }

  /** Bytes in a window. */
  public int length() {
    return length;
  }

  /** Bytes between the places of a document where windows may start. */
  public int stride() {
    return stride;
  }

  /** Number of documents that are shorter than the window, and so are never drawn from. */
  public int skipped() {
    return split.documents().size() - documents.length;
  }

  /** Windows in a batch. */
  public int batchSize() {
    return batchSize;
  }

  /**
   * The batch of a step: {@code batchSize} rows of {@code length} bytes, all new arrays.
   *
   * @throws IllegalArgumentException if the step is negative
   * @throws java.io.UncheckedIOException if a document cannot be read
   */
  public byte[][] batch(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("the step is " + step + "; steps count from 0");
    }
    byte[][] rows = new byte[batchSize][];
    for (int r = 0; r < batchSize; r++) {
      rows[r] = window(step, r).bytes();
    }
    return rows;
  }

  /**
   * One row of the batch of a step, and where it comes from.
   *
   * @throws java.io.UncheckedIOException if the document cannot be read
   */
  public Window window(long step, int row) {
    long start = start(step, row);
    int i = documentOf(start);
    int d = documents[i];
    long offset = (start - firstStart[i]) * stride;
    return new Window(d, offset, split.documents().get(d).read(offset, length), 0);
  }

  /** The documents that the windows come from. */
  public Split split() {
    return split;
  }

  private long start(long step, int row) {
    return Long.remainderUnsigned(SplitMix64.key(seed, step, row), starts);
  }

  private int documentOf(long start) {
    int found = Arrays.binarySearch(firstStart, start);
    return found >= 0 ? found : -found - 2;
  }

  private static int[] longEnough(Split split, int length) {
    List<Document> all = split.documents();
    int[] documents =
        IntStream.range(0, all.size()).filter(d -> all.get(d).length() >= length).toArray();
    if (documents.length == 0) {
      throw new IllegalArgumentException(
          "the split %s has %d documents of at most %d bytes, but a window has %d; use a window of at most %d bytes, or join documents"
              .formatted(split.name(), all.size(), longest(all), length, longest(all)));
    }
    return documents;
  }

  private static long longest(List<Document> documents) {
    return documents.stream().mapToLong(Document::length).max().orElse(0);
  }
}
