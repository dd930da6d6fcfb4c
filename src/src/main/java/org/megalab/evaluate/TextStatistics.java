package org.megalab.evaluate;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.megalab.data.Split;
import org.megalab.data.file.Document;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What a text costs without a model, in bits per byte: the lines that a learning curve has to
 * cross.
 *
 * <p>With n(a) the number of bytes a, n(a, b) the number of times that b follows a within a
 * document, N the number of bytes, and p(a) = n(a) / N, each counted over all documents together:
 *
 * <ul>
 *   <li>order 0: −Σ p(a) log₂ p(a), the best that a fixed table of byte frequencies can do;
 *   <li>order 1: −(1/N) [Σ n(a, b) log₂ (n(a, b) / Σ_c n(a, c)) + Σ log₂ p(first byte)], the best
 *       that a fixed table of pairs can do; the second sum runs over the documents, as the first
 *       byte of each follows nothing and is charged by order 0;
 *   <li>gzip and xz: 8 · compressed bytes / N, every document compressed on its own, headers
 *       included.
 * </ul>
 *
 * <p>The entropies are of the text's own frequencies and take no account of writing the tables
 * down. The last digits of gzip depend on the zlib that the Java runtime brings.
 *
 * @param bytes length of the text, N
 * @param uniform 8: every byte equally likely
 * @param order0 entropy of single bytes
 * @param order1 entropy of a byte given the one before
 * @param gzip Deflate at level 9 in gzip's container
 * @param xz LZMA2 at preset 9 in xz's container, with a dictionary no larger than the document
 */
public record TextStatistics(
    long bytes, double uniform, double order0, double order1, double gzip, double xz) {
  private static final int CHUNK = 1 << 16;

  /** The statistics of a split; errors as in the other {@code of}. */
  public static TextStatistics of(Split split) {
    return of(split.documents());
  }

  /**
   * The statistics of some documents. Files are read three times, a piece at a time.
   *
   * @throws IllegalArgumentException if there are no documents
   * @throws UncheckedIOException if one cannot be read
   */
  public static TextStatistics of(List<Document> documents) {
    if (documents.isEmpty()) {
      throw new IllegalArgumentException("there are no documents; statistics need at least one");
    }
    Counts counts = new Counts();
    long gzip = 0;
    long xz = 0;
    for (Document document : documents) {
      try {
        gzip += compressed(document, TextStatistics::gzip);
        xz += compressed(document, out -> xz(out, document.length()));
        counts.add(document);
      } catch (IOException e) {
        throw new UncheckedIOException(document.name() + ": compression failed: " + e, e);
      }
    }
    double bytes = counts.bytes;
    return new TextStatistics(
        counts.bytes, 8, counts.order0(), counts.order1(), 8 * gzip / bytes, 8 * xz / bytes);
  }

  /** Names and values from the highest line to the lowest, as a plot shows them. */
  public Map<String, Double> lines() {
    Map<String, Double> lines = new LinkedHashMap<>();
    lines.put("uniform", uniform);
    lines.put("order 0", order0);
    lines.put("order 1", order1);
    lines.put("gzip", gzip);
    lines.put("xz", xz);
    return lines;
  }

  /** The lines as a table with the columns {@code reference} and {@code bitsPerByte}. */
  public Table table() {
    StringColumn names = StringColumn.create("reference");
    DoubleColumn values = DoubleColumn.create("bitsPerByte");
    lines()
        .forEach(
            (name, value) -> {
              names.append(name);
              values.append(value);
            });
    return Table.create("reference lines of %,d bytes".formatted(bytes), names, values);
  }

  /** Pooled counts of bytes, pairs and first bytes. */
  private static final class Counts {
    private final long[] single = new long[256];
    private final long[] pair = new long[256 * 256]; // pair[256 · a + b]: b after a
    private final long[] first = new long[256];
    private long bytes;

    void add(Document document) {
      int[] previous = {-1};
      forEachChunk(
          document,
          (chunk, n) -> {
            for (int i = 0; i < n; i++) {
              int b = chunk[i] & 0xFF;
              single[b]++;
              if (previous[0] < 0) {
                first[b]++;
              } else {
                pair[256 * previous[0] + b]++;
              }
              previous[0] = b;
            }
          });
      bytes += document.length();
    }

    double order0() {
      double bits = 0;
      for (long n : single) {
        bits += cost(n, n, bytes);
      }
      return bits / bytes;
    }

    double order1() {
      double bits = 0;
      for (int a = 0; a < 256; a++) {
        bits += cost(first[a], single[a], bytes);
        long after = 0;
        for (int b = 0; b < 256; b++) {
          after += pair[256 * a + b];
        }
        for (int b = 0; b < 256; b++) {
          bits += cost(pair[256 * a + b], pair[256 * a + b], after);
        }
      }
      return bits / bytes;
    }

    /** Bits of {@code times} events of probability {@code part / whole}. */
    private static double cost(long times, long part, long whole) {
      return times == 0 ? 0 : times * (Math.log((double) whole / part) / Math.log(2));
    }
  }

  private interface ChunkReader<E extends Exception> {
    void read(byte[] chunk, int n) throws E;
  }

  private static <E extends Exception> void forEachChunk(Document document, ChunkReader<E> reader)
      throws E {
    byte[] chunk = new byte[CHUNK];
    for (long at = 0; at < document.length(); at += CHUNK) {
      int n = (int) Math.min(CHUNK, document.length() - at);
      document.read(at, chunk, 0, n);
      reader.read(chunk, n);
    }
  }

  private interface Compressor {
    OutputStream into(OutputStream out) throws IOException;
  }

  private static long compressed(Document document, Compressor compressor) throws IOException {
    Meter meter = new Meter();
    try (OutputStream out = compressor.into(meter)) {
      ChunkReader<IOException> write = (chunk, n) -> out.write(chunk, 0, n);
      forEachChunk(document, write);
    }
    return meter.bytes;
  }

  private static OutputStream gzip(OutputStream out) throws IOException {
    return new GZIPOutputStream(out) {
      {
        def.setLevel(Deflater.BEST_COMPRESSION);
      }
    };
  }

  private static OutputStream xz(OutputStream out, long length) throws IOException {
    LZMA2Options options = new LZMA2Options(9);
    // The encoder's memory grows with the dictionary (0.7 GB at the preset's 64 MiB); what is
    // longer than the document
    // is never looked into.
    long dictionary = Math.max(LZMA2Options.DICT_SIZE_MIN, Math.min(options.getDictSize(), length));
    options.setDictSize((int) dictionary);
    return new XZOutputStream(out, options);
  }

  /** Counts what is written to it. */
  private static final class Meter extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] from, int offset, int count) {
      bytes += count;
    }
  }
}
