package org.megalab.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.megalab.model.DecodingState;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;

/**
 * Writes bytes with a model, one after the other, with its decoding state; after one prompt, or
 * after several at once.
 *
 * <pre>
 * var generator = new Generator(model, Sampling.builder().optTemperature(0.8).build());
 * String text = generator.generate("Call me ".getBytes(UTF_8), 400).text();
 * </pre>
 *
 * <p>Several prompts share the work of a step. Prompt i draws from random numbers of its own, those
 * of the seed + i: what it gets is, but for rounding of the logits, what a generator of that seed
 * writes for it alone. Prompts may be of different length; what they have in common is read at
 * once, and the rest byte by byte while the shorter ones are written already.
 *
 * <p>When the context is full, the state starts again from the newest half of it. An interrupt of
 * the thread ends generation after the byte under way; what was written is returned.
 */
public final class Generator {

  /** The bytes of all rows that are read at once. */
  private static final int PIECE = 1 << 17;

  /** The sequences whose bytes are drawn on several cores: one takes 20 µs. */
  private static final int PARALLEL = 16;

  private final SequenceModel model;
  private final Sampling sampling;

  /**
   * Creates a generator.
   *
   * @throws IllegalArgumentException if the model's symbols are not bytes
   */
  public Generator(SequenceModel model, Sampling sampling) {
    if (model.config().vocabularySize() > 256) {
      throw new IllegalArgumentException(
          "generation writes bytes, and the model has "
              + model.config().vocabularySize()
              + " symbols; at most 256 are allowed");
    }
    this.model = model;
    this.sampling = sampling;
  }

  /** Writes {@code length} bytes after a prompt, which may be empty. */
  public Generation generate(byte[] prompt, int length) {
    return generate(prompt, length, b -> {});
  }

  /**
   * Writes bytes after a prompt and hands out each as soon as it is there.
   *
   * @param prompt what the model reads first; may be empty, of a long one the newest half of the
   *     context counts
   * @param length how many bytes to write
   * @param sink takes each byte, 0 to 255, such as {@link Utf8Stream}
   */
  public Generation generate(byte[] prompt, int length, IntConsumer sink) {
    return generate(prompt, length, StopCondition.NEVER, sink);
  }

  /**
   * Writes bytes after a prompt until there are enough, and hands out each as soon as it is there.
   *
   * @param prompt what the model reads first; may be empty, of a long one the newest half of the
   *     context counts
   * @param length how many bytes to write at most
   * @param stop what ends it earlier
   * @param sink takes each byte, 0 to 255, such as {@link Utf8Stream}
   */
  public Generation generate(byte[] prompt, int length, StopCondition stop, IntConsumer sink) {
    return write(List.of(prompt), length, stop, sink).get(0);
  }

  /** Writes {@code length} bytes after each of several prompts at once. */
  public List<Generation> generate(List<byte[]> prompts, int length) {
    return generate(prompts, length, StopCondition.NEVER);
  }

  /**
   * Writes bytes after each of several prompts at once, each until there are enough.
   *
   * @param prompts what the model reads first; to have several texts after the same prompt, give it
   *     several times
   * @param length how many bytes to write at most
   * @param stop what ends a sequence earlier; the others go on
   * @return what was written, in the order of the prompts
   * @throws IllegalArgumentException if there are no prompts, or the length is negative
   */
  public List<Generation> generate(List<byte[]> prompts, int length, StopCondition stop) {
    return write(prompts, length, stop, b -> {});
  }

  private List<Generation> write(
      List<byte[]> prompts, int length, StopCondition stop, IntConsumer sink) {
    if (length < 0 || prompts.isEmpty()) {
      throw new IllegalArgumentException(
          "generation needs at least one prompt, which may be empty, and a length that is not"
              + " negative; got "
              + prompts.size()
              + " prompts and the length "
              + length);
    }
    try (DecodingState state = model.newDecodingState(prompts.size())) {
      List<GeneratedRow> rows = new ArrayList<>();
      for (int i = 0; i < prompts.size(); i++) {
        rows.add(new GeneratedRow(prompts.get(i), state.capacity(), sampling.seed() + i, length));
      }
      int common = rows.stream().mapToInt(GeneratedRow::promptLength).min().orElseThrow();
      feed(state, rows, 0, common);
      if (length > 0) {
        Tensors.floats(state.next()); // a GPU that still reads the prompts is not writing yet
      }
      long start = System.nanoTime();
      long position =
          common; // what of each sequence is known to the state, or was before it was full
      while (rows.stream().anyMatch(GeneratedRow::open)) {
        float[] logits = Tensors.floats(state.next()); // (B, V)
        int[] drawn = draw(rows, logits, position);
        for (int i = 0; i < drawn.length; i++) {
          GeneratedRow row = rows.get(i);
          if (row.writes(position)) {
            row.write(drawn[i], length, stop, start);
            sink.accept(drawn[i]);
          }
        }
        if (Thread.currentThread().isInterrupted()) {
          rows.forEach(GeneratedRow::interrupt);
        }
        if (rows.stream().anyMatch(GeneratedRow::open)) {
          position++;
          advance(state, rows, position);
        }
      }
      return rows.stream().map(GeneratedRow::result).toList();
    }
  }

  /** The next byte of each sequence that goes on; many are drawn at once. */
  private int[] draw(List<GeneratedRow> rows, float[] logits, long position) {
    int symbols = logits.length / rows.size();
    IntStream numbers = IntStream.range(0, rows.size());
    return (rows.size() < PARALLEL ? numbers : numbers.parallel())
        .map(
            i ->
                rows.get(i).writes(position)
                    ? rows.get(i)
                        .draw(Arrays.copyOfRange(logits, i * symbols, (i + 1) * symbols), sampling)
                    : 0)
        .toArray();
  }

  /** Reads the byte before a position, or if the context is full, the newest half of it again. */
  private void advance(DecodingState state, List<GeneratedRow> rows, long position) {
    int count = 1;
    if (state.position() + 1 >= state.capacity()) {
      state.reset();
      count = (int) (state.capacity() / 2);
    }
    feed(state, rows, position - count, count);
  }

  /** Reads bytes of all rows, many of them in several pieces for want of memory. */
  private static void feed(DecodingState state, List<GeneratedRow> rows, long from, int count) {
    int most = Math.max(1, PIECE / rows.size());
    for (int done = 0; done < count; ) {
      int next = Math.min(most, count - done);
      long first = from + done;
      state.read(rows.stream().map(row -> row.bytes(first, next)).toArray(byte[][]::new));
      done += next;
    }
  }
}
