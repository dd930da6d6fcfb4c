package org.megalab.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.megalab.data.Split;
import org.megalab.model.Patched;
import org.megalab.model.SequenceModel;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Table;

/**
 * Mean cost by where a byte stands, in its window or in its patch (Yu et al. 2023, section 8): how
 * much the context still helps far from its beginning, and how much worse a local model predicts
 * the last bytes of a patch than the first.
 *
 * <pre>
 * loss(bin) = Σ cost_t over all windows and all t in the bin / number of those bytes
 * </pre>
 *
 * <p>The standard error is that of the mean over windows: the bytes of one window depend on each
 * other. Windows begin afresh, and position 0 has no context at all.
 *
 * @param bins in the order of the positions
 * @param complete whether all was read; false if the evaluation was stopped
 */
public record PositionLoss(List<Bin> bins, boolean complete) {

  /**
   * Positions that are averaged over.
   *
   * @param from the first of them
   * @param to the one behind the last
   * @param windows how many windows have bytes there
   * @param bytes how many bytes these are
   * @param bitsPerByte their mean cost; NaN where there are none
   * @param standardError that of the mean over windows; NaN for fewer than two
   */
  public record Bin(
      long from, long to, int windows, long bytes, double bitsPerByte, double standardError) {}

  /** Copies the list. */
  public PositionLoss {
    bins = List.copyOf(bins);
  }

  /**
   * Returns the edges 0, …, length of equally wide bins, at most as many as there are positions.
   */
  public static long[] linearBins(long length, int count) {
    checkBins(length, count);
    int bins = (int) Math.min(length, count);
    return LongStream.rangeClosed(0, bins).map(i -> length * i / bins).toArray();
  }

  /** Returns the edges 0, 1, 2, 4, …, length of bins that double. */
  public static long[] logarithmicBins(long length) {
    checkBins(length, 1);
    return LongStream.concat(
            LongStream.concat(LongStream.of(0), LongStream.iterate(1, n -> n < length, n -> 2 * n)),
            LongStream.of(length))
        .toArray();
  }

  private static void checkBins(long length, int count) {
    if (length < 1 || count < 1) {
      throw new IllegalArgumentException(
          "a window of %d bytes has no %d bins; both must be positive".formatted(length, count));
    }
  }

  /**
   * The cost by position in the context, over all windows of a split.
   *
   * @param model the model
   * @param split the documents
   * @param edges where bins begin and end, ascending from 0; the last is the length of the windows,
   *     which may be beyond the model's context where its state is bounded
   * @param inference what context the bytes of a window get; basic beyond the model's context
   * @throws IllegalArgumentException if the edges do not ascend from 0, or the model cannot read
   *     such windows
   */
  public static PositionLoss inContext(
      SequenceModel model,
      Split split,
      long[] edges,
      Inference inference,
      EvaluationListener listener) {
    boolean ascend = edges.length > 1 && edges[0] == 0;
    for (int i = 1; i < edges.length; i++) {
      ascend &= edges[i] > edges[i - 1];
    }
    if (!ascend) {
      throw new IllegalArgumentException(
          "bins need edges that ascend from 0, got " + Arrays.toString(edges));
    }
    long window = edges[edges.length - 1];
    Sums sums = new Sums(edges, window);
    WindowCosts costs = new WindowCosts(model, listener, split.bytes());
    return sums.result(costs.every(split, window, inference, sums));
  }

  /**
   * The cost by position in the patch, over all windows of a split, as long as the model's context.
   *
   * @throws IllegalArgumentException if the model has no patches
   */
  public static PositionLoss inPatch(
      SequenceModel model, Split split, Inference inference, EvaluationListener listener) {
    if (!(model.config() instanceof Patched patched)) {
      throw new IllegalArgumentException(
          "the architecture \""
              + model.config().architecture()
              + "\" has no patches; take the position in the context, or a megabyte");
    }
    int patch = patched.patchSize();
    Sums sums = new Sums(LongStream.rangeClosed(0, patch).toArray(), patch);
    WindowCosts costs = new WindowCosts(model, listener, split.bytes());
    return sums.result(costs.every(split, model.config().contextLength(), inference, sums));
  }

  /** Costs by bin, added to the means window by window. */
  private static final class Sums implements WindowCosts.Reader {
    private final long[] edges;
    private final long period;
    private final Mean[] means;
    private final double[] nats;
    private final long[] bytes;
    private long window;

    Sums(long[] edges, long period) {
      this.edges = edges.clone();
      this.period = period;
      int count = edges.length - 1;
      means = IntStream.range(0, count).mapToObj(i -> new Mean()).toArray(Mean[]::new);
      nats = new double[count];
      bytes = new long[count];
    }

    @Override
    public void read(long number, int document, long position, double[] costs) {
      if (number != window) {
        flush();
        window = number;
      }
      int bin = bin(position % period);
      for (int i = 0; i < costs.length; i++) {
        long at = (position + i) % period;
        if (at == 0) {
          bin = 0;
        }
        while (at >= edges[bin + 1]) {
          bin++;
        }
        nats[bin] += costs[i];
        bytes[bin]++;
      }
    }

    private int bin(long position) {
      int found = Arrays.binarySearch(edges, position);
      return found >= 0 ? found : -found - 2;
    }

    private void flush() {
      for (int i = 0; i < means.length; i++) {
        if (bytes[i] > 0) {
          means[i].add(nats[i], bytes[i]);
          nats[i] = 0;
          bytes[i] = 0;
        }
      }
    }

    PositionLoss result(boolean complete) {
      flush();
      List<Bin> bins = new ArrayList<>();
      for (int i = 0; i < means.length; i++) {
        bins.add(
            new Bin(
                edges[i],
                edges[i + 1],
                means[i].groups(),
                means[i].count(),
                Perplexity.bitsPerByte(means[i].value()),
                Perplexity.bitsPerByte(means[i].standardError())));
      }
      return new PositionLoss(bins, complete);
    }
  }

  /** Returns the mean cost of a byte, over all positions; NaN where nothing was read. */
  public double bitsPerByte() {
    double bits = 0;
    long bytes = 0;
    for (Bin bin : bins) {
      bits += bin.bytes == 0 ? 0 : bin.bytes * bin.bitsPerByte;
      bytes += bin.bytes;
    }
    return bits / bytes;
  }

  /** Returns one row a bin; values that are not there are missing. */
  public Table table() {
    LongColumn from = LongColumn.create("from");
    LongColumn to = LongColumn.create("to");
    LongColumn windows = LongColumn.create("windows");
    LongColumn bytes = LongColumn.create("bytes");
    DoubleColumn bits = DoubleColumn.create("bits per byte");
    DoubleColumn error = DoubleColumn.create("standard error");
    for (Bin bin : bins) {
      from.append(bin.from);
      to.append(bin.to);
      windows.append(bin.windows);
      bytes.append(bin.bytes);
      bits.append(bin.bitsPerByte);
      error.append(bin.standardError);
    }
    return Table.create("cost by position", from, to, windows, bytes, bits, error);
  }
}
