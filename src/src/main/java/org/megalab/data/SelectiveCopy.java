package org.megalab.data;

/**
 * Letters among blanks, to write again without the blanks (Arjovsky et al., 2016, as varied by Gu
 * and Dao, 2024, section 4.1.1): the places of the letters differ from example to example, so that
 * what is kept must depend on what is read.
 *
 * <pre>
 * . . b . . . d a . . | → b d a        tokens letters at random places among length bytes
 * </pre>
 *
 * @param length the bytes before the mark
 * @param tokens the letters among them
 * @param symbols how many different letters there are, 2 to 26
 */
public record SelectiveCopy(int length, int tokens, int symbols) implements SyntheticTask {

  /** What is not to be copied. */
  public static final byte BLANK = '.';

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException naming the one that is out of range
   */
  public SelectiveCopy {
    Ranges.check("selective-copy", "length", length, 1, 1 << 24);
    Ranges.check("selective-copy", "tokens", tokens, 1, length);
    Ranges.check("selective-copy", "symbols", symbols, 2, 26);
  }

  /** Returns the usual task: 16 letters, of 14 kinds. */
  public static SelectiveCopy of(int length) {
    return new SelectiveCopy(length, 16, 14);
  }

  @Override
  public String name() {
    return "selective-copy-" + length;
  }

  @Override
  public Example example(SplitMix64 random) {
    byte[] letters = Copy.letters(tokens, symbols, random);
    byte[] input = new byte[length + 1];
    int next = 0;
    for (int t = 0; t < length; t++) {
      // Of length − t places, tokens − next are letters: every choice of places is equally likely.
      boolean letter = random.nextInt(length - t) < tokens - next;
      input[t] = letter ? letters[next++] : BLANK;
    }
    input[length] = Copy.MARK;
    return new Example(input, letters);
  }
}
