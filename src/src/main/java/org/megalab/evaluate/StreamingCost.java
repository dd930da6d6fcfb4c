package org.megalab.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.megalab.model.DecodingState;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Table;

/**
 * What a model costs in the course of one long stream: time a byte, and memory.
 *
 * @param intervals the measurements, in the order of the stream
 */
public record StreamingCost(List<Interval> intervals) {

  /**
   * One part of the stream.
   *
   * @param bytes the length of the stream at its end
   * @param microsecondsPerByte the time that the part took, for each of its bytes
   * @param stateMebibytes what the decoding state holds at its end, parameters aside, in MiB
   * @param residentMebibytes what the process holds in memory at its end, in MiB; NaN where the
   *     system does not say
   * @param deviceMebibytes what is held on the model's GPU at its end by everything, in MiB; NaN of
   *     a CPU
   */
  public record Interval(
      long bytes,
      double microsecondsPerByte,
      double stateMebibytes,
      double residentMebibytes,
      double deviceMebibytes) {}

  private static final double MEBIBYTE = 1 << 20;

  /** Copies the list. */
  public StreamingCost {
    intervals = List.copyOf(intervals);
  }

  /**
   * Feeds random bytes to a fresh decoding state of one sequence. The first block is fed once more
   * before, so that its time is no warm-up.
   *
   * @param model the model
   * @param bytes the length of the stream
   * @param block the bytes that are fed at once
   * @param count the number of intervals
   * @param progress told of every interval
   * @throws IllegalArgumentException if the lengths are not positive, an interval would be shorter
   *     than a block, or the model's state cannot hold the stream
   */
  public static StreamingCost measure(
      SequenceModel model, long bytes, int block, int count, Consumer<Interval> progress) {
    model.requireBytes();
    if (block < 1 || count < 1 || bytes / count < block) {
      throw new IllegalArgumentException(
          "a stream of "
              + bytes
              + " bytes has no "
              + count
              + " intervals of whole blocks of "
              + block
              + " bytes; take fewer intervals or smaller blocks");
    }
    List<Interval> intervals = new ArrayList<>();
    long parameters = Tensors.heldBytes(model.manager());
    try (DecodingState state = model.newDecodingState(1)) {
      if (state.capacity() < bytes) {
        throw new IllegalArgumentException(
            "the model's state holds "
                + state.capacity()
                + " bytes and the stream has "
                + bytes
                + "; take an architecture with a bounded state, such as megalodon, or a shorter"
                + " stream");
      }
      Random random = new Random(1);
      feed(model, state, random, block);
      state.reset();
      for (int i = 1; i <= count; i++) {
        long end = bytes * i / count;
        long first = state.position();
        long begin = System.nanoTime();
        while (state.position() < end) {
          feed(model, state, random, (int) Math.min(block, end - state.position()));
        }
        double microseconds = (System.nanoTime() - begin) / 1e3;
        Interval interval =
            new Interval(
                end,
                microseconds / (end - first),
                (Tensors.heldBytes(model.manager()) - parameters) / MEBIBYTE,
                Memory.resident(),
                Memory.held(model.device()));
        intervals.add(interval);
        progress.accept(interval);
      }
    }
    return new StreamingCost(intervals);
  }

  private static void feed(SequenceModel model, DecodingState state, Random random, int n) {
    try (NDManager step = model.manager().newSubManager()) {
      NDArray ids = step.create(random.longs(n, 0, 256).toArray(), new Shape(1, n));
      NDArray logits = state.feed(ids); // (1, n, V)
      Tensors.floats(logits.get(":, -1")); // a device is done only when its result is here
    }
  }

  /** Returns one row an interval. */
  public Table table() {
    return Table.create(
        "cost of a stream",
        LongColumn.create("bytes", intervals.stream().mapToLong(Interval::bytes)),
        DoubleColumn.create(
            "microseconds per byte", intervals.stream().mapToDouble(Interval::microsecondsPerByte)),
        DoubleColumn.create("state MiB", intervals.stream().mapToDouble(Interval::stateMebibytes)),
        DoubleColumn.create(
            "resident MiB", intervals.stream().mapToDouble(Interval::residentMebibytes)),
        DoubleColumn.create("GPU MiB", intervals.stream().mapToDouble(Interval::deviceMebibytes)));
  }
}
