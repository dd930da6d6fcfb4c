package org.megalab.data;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Keys with their values, a gap, and one of the keys again: what was its value? (Ba et al., 2016,
 * section 4.1; with the gap as the quantity that is varied)
 *
 * <pre>
 * k_1 v_1 … k_n v_n  f_1 … f_g  ? k_i   →   v_i
 *
 * k  different letters of a … z     v  letters of A … Z     f  digits, at random     g  the gap
 * </pre>
 *
 * <p>Chance is 1/26; a model that knows which values occurred, but not whose they were, reaches
 * 1/n. Accuracy against {@link #sweep g} tells how far back a model looks.
 *
 * @param pairs n, 1 to 26
 * @param gap g, the digits between the last value and the question
 */
public record AssociativeRecall(int pairs, int gap) implements SyntheticTask {

  /** What stands before the key that is asked for. */
  public static final byte MARK = '?';

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException naming the one that is out of range
   */
  public AssociativeRecall {
    Ranges.check("associative-recall", "pairs", pairs, 1, 26);
    Ranges.check("associative-recall", "gap", gap, 0, 1 << 24);
  }

  /** Returns the task with 8 pairs. */
  public static AssociativeRecall of(int gap) {
    return new AssociativeRecall(8, gap);
  }

  /** Returns the same task with one gap after the other. */
  public List<AssociativeRecall> sweep(int... gaps) {
    return IntStream.of(gaps).mapToObj(g -> new AssociativeRecall(pairs, g)).toList();
  }

  @Override
  public String name() {
    return "recall-" + pairs + "-gap-" + gap;
  }

  @Override
  public Example example(SplitMix64 random) {
    byte[] keys = new byte[26];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = (byte) ('a' + i);
    }
    random.shuffle(keys);
    byte[] input = new byte[2 * pairs + gap + 2];
    for (int i = 0; i < pairs; i++) {
      input[2 * i] = keys[i];
      input[2 * i + 1] = (byte) ('A' + random.nextInt(26));
    }
    for (int i = 0; i < gap; i++) {
      input[2 * pairs + i] = (byte) ('0' + random.nextInt(10));
    }
    int asked = random.nextInt(pairs);
    input[input.length - 2] = MARK;
    input[input.length - 1] = keys[asked];
    return new Example(input, new byte[] {input[2 * asked + 1]});
  }
}
