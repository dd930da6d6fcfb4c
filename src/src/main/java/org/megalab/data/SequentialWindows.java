package org.megalab.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Every byte of a split exactly once, in windows for evaluation.
 *
 * <p>A document of n bytes gives ⌊n / length⌋ full windows and, if bytes are left, one shorter
 * tail. Nothing is padded, nothing is skipped, and no window crosses documents. Iterating reads one
 * window at a time; iterators are independent.
 *
 * <p>Windows may overlap: then every window but a document's first begins with the last bytes of
 * the one before, {@link Window#overlap()} of them, as context; behind these, every byte is there
 * exactly once.
 */
public final class SequentialWindows implements Iterable<Window> {
  private final Split split;
  private final int length;
  private final int overlap;

  /**
   * Windows of {@code length} bytes over a split.
   *
   * @throws IllegalArgumentException if the split is empty or the length below 1
   */
  public SequentialWindows(Split split, int length) {
    this(split, length, 0);
  }

  /**
   * Windows of {@code length} bytes over a split, each of which repeats bytes of the one before.
   *
   * @throws IllegalArgumentException if the split is empty, the length below 1, or the overlap not
   *     between 0 and length − 1
   */
  public SequentialWindows(Split split, int length, int overlap) {
    split.checkWindows(length);
    if (overlap < 0 || overlap >= length) {
      throw new IllegalArgumentException(
          "the overlap is "
              + overlap
              + " bytes of a window of "
              + length
              + "; it must be at least 0 and less than the window");
    }
    this.split = split;
    this.length = length;
    this.overlap = overlap;
  }

  /** Number of windows, tails included. */
  public long count() {
    return split.documents().stream()
        .mapToLong(d -> fullWindows(d.length()) + (tail(0, d.length()) == null ? 0 : 1))
        .sum();
  }

  private long fullWindows(long bytes) {
    return bytes < length ? 0 : (bytes - length) / (length - overlap) + 1;
  }

  /** What the full windows of a document leave, behind the overlap; null if they leave nothing. */
  private @Nullable Place tail(int document, long bytes) {
    long full = fullWindows(bytes);
    long start = full * (length - overlap);
    int repeated = full == 0 ? 0 : overlap;
    return start + repeated < bytes
        ? new Place(document, start, (int) (bytes - start), repeated)
        : null;
  }

  /** The windows document by document, each document from its start to its end. */
  @Override
  public Iterator<Window> iterator() {
    return new Iterator<>() {
      private final Places places = new Places(true);

      @Override
      public boolean hasNext() {
        return places.hasNext();
      }

      @Override
      public Window next() {
        return read(places.next());
      }
    };
  }

  /**
   * The same windows in batches whose windows are equally long: first the full windows in order,
   * {@code batchSize} at a time (a batch may hold windows of several documents, and the last one
   * fewer windows), then the tails from the longest to the shortest, together where they are
   * equally long.
   *
   * @throws IllegalArgumentException if the batch size is below 1
   */
  public Iterable<List<Window>> batches(int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "the batch has " + batchSize + " rows; it must have at least 1");
    }
    return () -> new Batches(batchSize);
  }

  private Window read(Place place) {
    byte[] bytes = split.documents().get(place.document).read(place.offset, place.length);
    return new Window(place.document, place.offset, bytes, place.overlap);
  }

  private List<Place> tails() {
    List<Place> tails = new ArrayList<>();
    for (int d = 0; d < split.documents().size(); d++) {
      Place tail = tail(d, split.documents().get(d).length());
      if (tail != null) {
        tails.add(tail);
      }
    }
    tails.sort(Comparator.comparingInt(Place::length).reversed().thenComparingInt(Place::document));
    return tails;
  }

  private record Place(int document, long offset, int length, int overlap) {}

  /** Walks the windows' places in order, with or without the tails. */
  private final class Places implements Iterator<Place> {
    private final boolean withTails;
    private int document;
    private long offset;

    Places(boolean withTails) {
      this.withTails = withTails;
    }

    @Override
    public boolean hasNext() {
      while (document < split.documents().size()) {
        long left = split.documents().get(document).length() - offset;
        if (left >= length || (withTails && left > repeated())) {
          return true;
        }
        document++;
        offset = 0;
      }
      return false;
    }

    @Override
    public Place next() {
      if (!hasNext()) {
        throw new NoSuchElementException("all windows were read");
      }
      long left = split.documents().get(document).length() - offset;
      Place place = new Place(document, offset, (int) Math.min(left, length), repeated());
      offset += length - overlap;
      return place;
    }

    private int repeated() {
      return offset == 0 ? 0 : overlap;
    }
  }

  private final class Batches implements Iterator<List<Window>> {
    private final int batchSize;
    private final Places full = new Places(false);
    private final List<Place> tails = tails();
    private int nextTail;

    Batches(int batchSize) {
      this.batchSize = batchSize;
    }

    @Override
    public boolean hasNext() {
      return full.hasNext() || nextTail < tails.size();
    }

    @Override
    public List<Window> next() {
      if (!hasNext()) {
        throw new NoSuchElementException("all windows were read");
      }
      List<Window> batch = new ArrayList<>();
      if (full.hasNext()) {
        while (batch.size() < batchSize && full.hasNext()) {
          batch.add(read(full.next()));
        }
      } else {
        int tail = tails.get(nextTail).length;
        while (batch.size() < batchSize
            && nextTail < tails.size()
            && tails.get(nextTail).length == tail) {
          batch.add(read(tails.get(nextTail++)));
        }
      }
      return List.copyOf(batch);
    }
  }
}
