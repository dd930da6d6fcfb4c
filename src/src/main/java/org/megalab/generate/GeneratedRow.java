package org.megalab.generate;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One sequence of a batch: its prompt, what is written after it, and its own random numbers. */
final class GeneratedRow {

  private final int promptLength;
  private final SplittableRandom random;
  private byte[] history; // the prompt, then what is written; longer than what is in use
  private int written;
  private double seconds;
  private @Nullable String reason;

  /**
   * Begins a sequence.
   *
   * @param capacity what the model's state holds; a prompt that fills it is cut to the newest half
   * @param length 0 if nothing is to be written
   */
  GeneratedRow(byte[] prompt, long capacity, long seed, int length) {
    int used = prompt.length < capacity ? prompt.length : (int) (capacity / 2);
    history = Arrays.copyOfRange(prompt, prompt.length - used, prompt.length);
    promptLength = used;
    random = new SplittableRandom(seed);
    reason = length == 0 ? Generation.LENGTH : null;
  }

  /** Returns the length of the prompt, as far as it is read. */
  int promptLength() {
    return promptLength;
  }

  /** Returns whether more is to be written. */
  boolean open() {
    return reason == null;
  }

  /** Returns whether the byte at a position of prompt and text is still to be written. */
  boolean writes(long position) {
    return open() && position == promptLength + written;
  }

  /** Draws the next byte, 0 to 255, given its logits. */
  int draw(float[] logits, Sampling sampling) {
    return sampling.draw(logits, random);
  }

  /**
   * Writes the next byte and finds out whether it is the last.
   *
   * @param start when writing began, in nanoseconds
   */
  void write(int next, int length, StopCondition stop, long start) {
    int end = promptLength + written;
    if (end == history.length) {
      history = Arrays.copyOf(history, Math.max(64, 2 * end));
    }
    history[end] = (byte) next;
    written++;
    seconds = (System.nanoTime() - start) / 1e9;
    reason = stop.reason(ByteBuffer.wrap(history).slice(promptLength, written).asReadOnlyBuffer());
    if (reason == null && written == length) {
      reason = Generation.LENGTH;
    }
  }

  /** Ends the sequence where it is, unless it has its end. */
  void interrupt() {
    reason = reason == null ? Generation.INTERRUPTED : reason;
  }

  /** Returns the bytes of prompt and text from a position on; zeros behind the end. */
  byte[] bytes(long from, int count) {
    byte[] bytes = new byte[count];
    int end = promptLength + written;
    if (from < end) {
      System.arraycopy(history, (int) from, bytes, 0, (int) Math.min(count, end - from));
    }
    return bytes;
  }

  /** Returns what was written. */
  Generation result() {
    byte[] bytes = Arrays.copyOfRange(history, promptLength, promptLength + written);
    return new Generation(bytes, seconds, reason == null ? Generation.INTERRUPTED : reason);
  }
}
