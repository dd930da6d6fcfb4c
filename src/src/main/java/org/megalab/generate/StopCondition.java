package org.megalab.generate;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * When a model has written enough. It is asked after every byte; the byte that fulfils it is part
 * of the result.
 *
 * <pre>
 * StopCondition stop = StopCondition.text("\n\n").or(StopCondition.length(200));
 * </pre>
 */
@FunctionalInterface
public interface StopCondition {

  /** Never fulfilled: what ends generation then is its length. */
  StopCondition NEVER = written -> null;

  /**
   * Returns why generation ends here, for {@link Generation#reason()}; null to go on.
   *
   * @param written the bytes so far, without the prompt: index 0 to limit − 1, read-only, at least
   *     one
   */
  @Nullable String reason(ByteBuffer written);

  /** Returns a condition that is fulfilled when this one or another is. */
  default StopCondition or(StopCondition other) {
    return written -> {
      String reason = reason(written);
      return reason != null ? reason : other.reason(written);
    };
  }

  /**
   * Returns a condition on the bytes so far.
   *
   * @param reason what {@link Generation#reason()} is to say
   * @param fulfilled told the bytes as in {@link #reason(ByteBuffer)}
   */
  static StopCondition when(String reason, Predicate<ByteBuffer> fulfilled) {
    return written -> fulfilled.test(written) ? reason : null;
  }

  /** Returns a condition that is fulfilled by so many bytes. */
  static StopCondition length(int bytes) {
    return when(Generation.LENGTH, written -> written.limit() >= bytes);
  }

  /** Returns a condition that is fulfilled by a byte, 0 to 255. */
  static StopCondition at(int b) {
    if (b < 0 || b > 255) {
      throw new IllegalArgumentException("a byte is 0 to 255, got " + b);
    }
    return when("byte " + b, written -> (written.get(written.limit() - 1) & 0xFF) == b);
  }

  /**
   * Returns a condition that is fulfilled by bytes one after the other.
   *
   * @throws IllegalArgumentException if there are none
   */
  static StopCondition at(byte[] sequence) {
    return ending("bytes " + java.util.Arrays.toString(sequence), sequence);
  }

  /**
   * Returns a condition that is fulfilled by a text in UTF-8.
   *
   * @throws IllegalArgumentException if it is empty
   */
  static StopCondition text(String text) {
    return ending("text \"" + text + "\"", text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Returns a condition that is fulfilled by the end of a line of UTF-8 text: line feed, carriage
   * return, U+0085, U+2028 or U+2029.
   */
  static StopCondition endOfLine() {
    StopCondition any = NEVER;
    for (String end : new String[] {"\n", "\r", "\u0085", "\u2028", "\u2029"}) {
      any = any.or(ending("end of line", end.getBytes(StandardCharsets.UTF_8)));
    }
    return any;
  }

  private static StopCondition ending(String reason, byte[] sequence) {
    byte[] end = sequence.clone();
    if (end.length == 0) {
      throw new IllegalArgumentException(
          "nothing to stop at; give at least one byte, or take StopCondition.NEVER");
    }
    return when(
        reason,
        written -> {
          int from = written.limit() - end.length;
          return from >= 0 && written.slice(from, end.length).equals(ByteBuffer.wrap(end));
        });
  }
}
