package org.megalab.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.megalab.data.Split;
import org.megalab.data.file.Document;
import org.megalab.model.SequenceModel;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Table;

/**
 * Perplexity against the length of the context, from one model and two questions:
 *
 * <pre>
 * prefixes   PPL(N) = exp(mean cost of the first N bytes)      each document in one stream
 * windows    PPL(c) = exp(mean cost of all bytes)              each document in windows of c bytes
 * </pre>
 *
 * <p>{@link #prefixes} is the curve of MEGALODON (Ma et al. 2024, section 4.3: 4K … 2M tokens of
 * books that have as many): the state is carried through the whole document, one pass gives every
 * N, and each N averages over more bytes, the same documents throughout. {@link #windows} forgets
 * everything every c bytes; every c averages over the same bytes, so that the curve tells what
 * context is worth. A byte of a window has (c − 1) / 2 bytes of context on average. Curves of the
 * two do not compare, and a lower one of prefixes may just mean that books begin harder than they
 * go on.
 *
 * <p>Timestep norms carry their statistics through the whole stream; MEGALODON's own evaluator
 * replaces them by those of the last chunks, so that published curves may rest on shorter memories.
 *
 * <p>Models with a bounded state (megalodon, mega with chunks, s4d, transformer-xl, perceiver-ar)
 * read any length; the others up to what their decoding state holds, and have no values beyond.
 *
 * @param points one a length, in their order
 * @param complete whether all was read; false if the evaluation was stopped
 */
public record ContextCurve(List<Point> points, boolean complete) {

  /**
   * The cost at one length.
   *
   * @param context N or c
   * @param documents how many documents were read that far
   * @param bytes how many bytes were predicted
   * @param bitsPerByte their mean cost; NaN where the model cannot read that far
   * @param standardError that of the mean over documents; NaN for fewer than two
   */
  public record Point(
      long context, int documents, long bytes, double bitsPerByte, double standardError) {}

  /** Copies the list. */
  public ContextCurve {
    points = List.copyOf(points);
  }

  /**
   * Returns lengths that double: from, 2 · from, … up to the last that is not above to.
   *
   * @throws IllegalArgumentException unless 1 ≤ from ≤ to
   */
  public static long[] doubling(long from, long to) {
    if (from < 1 || from > to) {
      throw new IllegalArgumentException(
          "lengths cannot double from %d to %d; give 1 or more and something longer"
              .formatted(from, to));
    }
    return LongStream.iterate(from, n -> n <= to, n -> 2 * n).toArray();
  }

  /**
   * Reads the beginning of every document that has as many bytes as the longest length, in one
   * stream each.
   *
   * @param lengths N, ascending
   * @throws IllegalArgumentException if the lengths do not ascend, no document is that long, or the
   *     model reads none of the lengths
   */
  public static ContextCurve prefixes(
      SequenceModel model, Split split, long[] lengths, EvaluationListener listener) {
    check(lengths);
    long longest = lengths[lengths.length - 1];
    int[] documents =
        IntStream.range(0, split.documents().size())
            .filter(d -> split.documents().get(d).length() >= longest)
            .toArray();
    if (documents.length == 0) {
      throw new IllegalArgumentException(
          "no document of the split %s has %,d bytes, the longest has %,d; take shorter lengths"
              .formatted(
                  split.name(),
                  longest,
                  split.documents().stream().mapToLong(Document::length).max().orElse(0)));
    }
    int reached = reached(model, lengths);
    long end = lengths[reached - 1];
    Mean[] means = means(lengths.length);
    WindowCosts costs = new WindowCosts(model, listener, documents.length * end);
    boolean complete = true;
    for (int d : documents) {
      Prefixes sums = new Prefixes(Arrays.copyOf(lengths, reached), means);
      complete = costs.beginning(split, d, end, sums);
      if (!complete) {
        break;
      }
    }
    return new ContextCurve(points(lengths, means), complete);
  }

  /**
   * Reads every byte of every document once for each length, in windows of that length.
   *
   * @param lengths c, ascending
   * @param inference what context the bytes of a window get; basic for lengths beyond the model's
   *     context
   * @throws IllegalArgumentException if the lengths do not ascend, the model reads none of them, or
   *     the inference does not suit it
   */
  public static ContextCurve windows(
      SequenceModel model,
      Split split,
      long[] lengths,
      Inference inference,
      EvaluationListener listener) {
    check(lengths);
    int reached = reached(model, lengths);
    Mean[] means = means(lengths.length);
    WindowCosts costs = new WindowCosts(model, listener, reached * split.bytes());
    boolean complete = true;
    for (int i = 0; i < reached && complete; i++) {
      double[] nats = new double[split.documents().size()];
      long[] bytes = new long[nats.length];
      complete =
          costs.every(
              split,
              lengths[i],
              inference,
              (window, document, position, part) -> {
                nats[document] += Arrays.stream(part).sum();
                bytes[document] += part.length;
              });
      for (int d = 0; d < nats.length && complete; d++) {
        means[i].add(nats[d], bytes[d]);
      }
    }
    return new ContextCurve(points(lengths, means), complete);
  }

  private static void check(long[] lengths) {
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] <= (i == 0 ? 0 : lengths[i - 1])) {
        throw new IllegalArgumentException(
            "lengths must be positive and ascend, got " + Arrays.toString(lengths));
      }
    }
    if (lengths.length == 0) {
      throw new IllegalArgumentException("a curve needs at least one length");
    }
  }

  /** How many of the lengths a model can read. */
  private static int reached(SequenceModel model, long[] lengths) {
    long longest = WindowCosts.longest(model);
    int count = (int) Arrays.stream(lengths).filter(length -> length <= longest).count();
    if (count == 0) {
      throw new IllegalArgumentException(
          "the model reads at most %,d bytes and the shortest length is %,d; take shorter lengths"
              .formatted(longest, lengths[0]));
    }
    return count;
  }

  private static Mean[] means(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Mean()).toArray(Mean[]::new);
  }

  private static List<Point> points(long[] lengths, Mean[] means) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      points.add(
          new Point(
              lengths[i],
              means[i].groups(),
              means[i].count(),
              Perplexity.bitsPerByte(means[i].value()),
              Perplexity.bitsPerByte(means[i].standardError())));
    }
    return points;
  }

  /** Adds a document to the mean of each length when its costs have come so far. */
  private static final class Prefixes implements WindowCosts.Reader {
    private final long[] lengths;
    private final Mean[] means;
    private double sum;
    private int next;

    Prefixes(long[] lengths, Mean[] means) {
      this.lengths = lengths;
      this.means = means;
    }

    @Override
    public void read(long window, int document, long position, double[] nats) {
      for (int i = 0; i < nats.length; i++) {
        sum += nats[i];
        if (position + i + 1 == lengths[next]) {
          means[next].add(sum, lengths[next]);
          next = Math.min(next + 1, lengths.length - 1);
        }
      }
    }
  }

  /** Returns one row a length; values that are not there are missing. */
  public Table table() {
    LongColumn context = LongColumn.create("context");
    IntColumn documents = IntColumn.create("documents");
    LongColumn bytes = LongColumn.create("bytes");
    DoubleColumn bits = DoubleColumn.create("bits per byte");
    DoubleColumn error = DoubleColumn.create("standard error");
    DoubleColumn perplexity = DoubleColumn.create("perplexity");
    for (Point point : points) {
      context.append(point.context);
      documents.append(point.documents);
      bytes.append(point.bytes);
      bits.append(point.bitsPerByte);
      error.append(point.standardError);
      perplexity.append(Perplexity.ofBytes(point.bitsPerByte));
    }
    return Table.create("cost by context", context, documents, bytes, bits, error, perplexity);
  }

  /** Returns the same with the perplexity of words of a text with so many bytes a word. */
  public Table table(double bytesPerWord) {
    Table table = table();
    DoubleColumn words = DoubleColumn.create("word perplexity");
    points.forEach(point -> words.append(Perplexity.ofWords(point.bitsPerByte, bytesPerWord)));
    return table.addColumns(words);
  }
}
