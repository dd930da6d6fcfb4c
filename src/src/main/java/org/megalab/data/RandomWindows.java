package org.megalab.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Training batches of windows at random positions, fixed by the seed and the step alone.
 *
 * <p>There is no reader state: {@code batch(step)} gives the same bytes whenever, wherever and in
 * whatever order it is asked for, so a resumed run continues with the data it would have seen. The
 * start of row r at step s is
 *
 * <pre>
 *   u(s, r) = mix(mix(mix(seed + γ) + γ·(s + 1)) + γ·(r + 1))        γ = 0x9E3779B97F4A7C15, modulo 2⁶⁴
 *   start   = u(s, r) mod M                                          u unsigned, M the number of valid starts
 *   mix(z): z ^= z &gt;&gt;&gt; 30; z *= 0xBF58476D1CE4E5B9; z ^= z &gt;&gt;&gt; 27; z *= 0x94D049BB133111EB; z ^= z &gt;&gt;&gt; 31
 * </pre>
 *
 * <p>A document of n bytes offers n − length + 1 valid starts; they are numbered through the
 * documents in order. Every start is equally likely (up to M / 2⁶⁴), hence a document is drawn
 * about in proportion to its bytes. Documents shorter than the window offer none and are skipped;
 * {@link #skipped} counts them. Evaluation reads them ({@link SequentialWindows}).
 */
public final class RandomWindows {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private final Split split;
  private final int length;
  private final int batchSize;
  private final long seed;
  private final int[] documents; // the indices of those that are long enough
  private final long[] firstStart; // firstStart[i]: valid starts in the documents before that one
  private final long starts;

  /**
   * Windows of {@code length} bytes, {@code batchSize} of them in a batch.
   *
   * @throws IllegalArgumentException if the split is empty, a number is below 1, or every document
   *     is shorter than the window
   */
  public RandomWindows(Split split, int length, int batchSize, long seed) {
    split.checkWindows(length);
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "the batch has " + batchSize + " rows; it must have at least 1");
    }
    this.split = split;
    this.length = length;
    this.batchSize = batchSize;
    this.seed = seed;
    this.documents = longEnough(split, length);
    this.firstStart = new long[documents.length];
    long total = 0;
    for (int i = 0; i < documents.length; i++) {
      firstStart[i] = total;
      total += split.documents().get(documents[i]).length() - length + 1;
    }
    this.starts = total;
  }

  /** Bytes in a window. */
  public int length() {
    return length;
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
      long start = start(step, r);
      int i = documentOf(start);
      rows[r] = split.documents().get(documents[i]).read(start - firstStart[i], length);
    }
    return rows;
  }

  private long start(long step, int row) {
    long key = mix(mix(seed + GAMMA) + GAMMA * (step + 1));
    return Long.remainderUnsigned(mix(key + GAMMA * (row + 1L)), starts);
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

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
