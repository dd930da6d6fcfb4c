package org.megalab.data;

import java.util.Arrays;

/**
 * A string to write again, the simplest test of what a state or a context holds:
 *
 * <pre>
 * s_1 … s_n |   →   s_1 … s_n           s_i one of the first letters of a … z, all equally likely
 * </pre>
 *
 * <p>A model that learned to copy at one length is tested at others by {@link #withLength}.
 *
 * @param length n, the letters of the string
 * @param symbols how many different letters there are, 2 to 26
 */
public record Copy(int length, int symbols) implements SyntheticTask {

  /** What ends the string and asks for the copy. */
  public static final byte MARK = '|';

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException naming the one that is out of range
   */
  public Copy {
    Ranges.check("copy", "length", length, 1, 1 << 24);
    Ranges.check("copy", "symbols", symbols, 2, 26);
  }

  /** Returns the task with letters of 16 kinds. */
  public static Copy of(int length) {
    return new Copy(length, 16);
  }

  /** Returns the same task at another length. */
  public Copy withLength(int length) {
    return new Copy(length, symbols);
  }

  @Override
  public String name() {
    return "copy-" + length;
  }

  @Override
  public Example example(SplitMix64 random) {
    byte[] string = letters(length, symbols, random);
    byte[] input = Arrays.copyOf(string, length + 1);
    input[length] = MARK;
    return new Example(input, string);
  }

  /** Draws letters from a on. */
  static byte[] letters(int count, int symbols, SplitMix64 random) {
    byte[] letters = new byte[count];
    for (int i = 0; i < count; i++) {
      letters[i] = (byte) ('a' + random.nextInt(symbols));
    }
    return letters;
  }
}
