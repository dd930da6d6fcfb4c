package org.megalab.data;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Nested lists of digits under operators, and their value (Nangia and Bowman, 2018), drawn by the
 * recipe of the Long Range Arena (Tay et al., 2021, section 3.1):
 *
 * <pre>
 * tree(depth) = a digit                                  with probability 3/4, always at depth = maxDepth
 *             = operator, 2 … maxArguments trees(depth + 1), ]          otherwise
 * kept if minLength &lt; tokens &lt; maxLength, else drawn again; the root has depth 1
 * </pre>
 *
 * <p>The operators are MIN, MAX, MED (of an even number of arguments the mean of the two in the
 * middle, rounded down) and SM, the sum modulo 10. A token is one byte, as in {@link
 * ListOpsTokens}. The target is the value, class 0 … 9.
 *
 * <p>The common mistake is to take 0.25, which the recipe calls the probability of a value, for
 * that: it is the probability of an operator. The recipe also keeps no expression twice, which
 * among those of 500 tokens changes nothing.
 *
 * @param minLength the tokens that an expression must exceed
 * @param maxLength the tokens that it must stay below
 * @param maxDepth the depth of the deepest digit
 * @param maxArguments the most arguments of an operator
 */
public record ListOps(int minLength, int maxLength, int maxDepth, int maxArguments)
    implements SyntheticTask {

  private static final double OPERATOR_PROBABILITY = 0.25;
  private static final int TRIES = 1_000_000;

  /** What is done with the arguments of a list. */
  public enum Operator {
    /** The smallest. */
    MIN('<'),
    /** The largest. */
    MAX('>'),
    /** The median, rounded down. */
    MED('~'),
    /** The sum modulo 10. */
    SM('+');

    private final char symbol;

    Operator(char symbol) {
      this.symbol = symbol;
    }

    /** Returns the byte that stands for the operator, together with the list's opening bracket. */
    public byte symbol() {
      return (byte) symbol;
    }

    /** Returns the opening bracket and the operator as the papers write them: {@code [MIN}. */
    String word() {
      return "[" + name();
    }

    /** Returns the operator of a byte, or null. */
    static @Nullable Operator of(byte symbol) {
      return Arrays.stream(values()).filter(o -> o.symbol == symbol).findFirst().orElse(null);
    }

    /** Returns the operator of a word, or null. */
    static @Nullable Operator of(String word) {
      return Arrays.stream(values()).filter(o -> o.word().equals(word)).findFirst().orElse(null);
    }

    /** Returns the value of a list of at least one argument. */
    int apply(List<Integer> arguments) {
      int[] sorted = arguments.stream().mapToInt(Integer::intValue).sorted().toArray();
      int n = sorted.length;
      return switch (this) {
        case MIN -> sorted[0];
        case MAX -> sorted[n - 1];
        case MED -> (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
        case SM -> Arrays.stream(sorted).sum() % 10;
      };
    }
  }

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException naming the one that is out of range
   */
  public ListOps {
    Ranges.check("listops", "maxDepth", maxDepth, 2, 100);
    Ranges.check("listops", "maxArguments", maxArguments, 2, 1000);
    Ranges.check("listops", "maxLength", maxLength, 2, 1 << 24);
    Ranges.check("listops", "minLength", minLength, 0, maxLength - 2);
  }

  /** Returns the settings of the Long Range Arena: 500 to 2000 tokens, depth 10, 10 arguments. */
  public static ListOps standard() {
    return ofLength(500, 2000);
  }

  /** Returns the settings of the Long Range Arena with other limits of the length. */
  public static ListOps ofLength(int minLength, int maxLength) {
    return new ListOps(minLength, maxLength, 10, 10);
  }

  @Override
  public String name() {
    return "listops-" + maxLength;
  }

  @Override
  public List<String> classes() {
    return List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if a million trees are all too short or too long
   */
  @Override
  public Example example(SplitMix64 random) {
    ByteArrayOutputStream tokens = new ByteArrayOutputStream();
    for (int i = 0; i < TRIES; i++) {
      tokens.reset();
      grow(1, tokens, random);
      if (tokens.size() > minLength && tokens.size() < maxLength) {
        byte[] expression = tokens.toByteArray();
        return Example.labelled(expression, evaluate(expression), 10);
      }
    }
    throw new IllegalStateException(
        "none of %,d expressions has more than %d and less than %d tokens; take wider limits, or another maxDepth (%d) or maxArguments (%d)"
            .formatted(TRIES, minLength, maxLength, maxDepth, maxArguments));
  }

  /** Writes a tree, or the beginning of one that is too long. */
  private void grow(int depth, ByteArrayOutputStream tokens, SplitMix64 random) {
    if (depth == maxDepth || random.nextDouble() > OPERATOR_PROBABILITY) {
      tokens.write('0' + random.nextInt(10));
      return;
    }
    tokens.write(Operator.values()[random.nextInt(4)].symbol());
    int arguments = 2 + random.nextInt(maxArguments - 1);
    for (int i = 0; i < arguments && tokens.size() < maxLength; i++) {
      grow(depth + 1, tokens, random);
    }
    tokens.write(ListOpsTokens.END);
  }

  /**
   * Returns the value of an expression, 0 to 9.
   *
   * @throws IllegalArgumentException if it is none, saying at which byte
   */
  public static int evaluate(byte[] expression) {
    Deque<Operator> operators = new ArrayDeque<>();
    Deque<List<Integer>> lists = new ArrayDeque<>();
    lists.push(new ArrayList<>()); // what stands outside of all lists: the value itself
    for (int i = 0; i < expression.length; i++) {
      byte token = expression[i];
      Operator operator = Operator.of(token);
      if (lists.size() == 1 && !lists.element().isEmpty()) {
        throw malformed(i, "goes on after its end");
      } else if (token >= '0' && token <= '9') {
        lists.element().add(token - '0');
      } else if (operator != null) {
        operators.push(operator);
        lists.push(new ArrayList<>());
      } else if (token != ListOpsTokens.END) {
        throw malformed(i, "has the token " + token + ", which is none of 0 … 9 < > ~ + ]");
      } else if (operators.isEmpty() || lists.element().isEmpty()) {
        throw malformed(i, "closes a list that was not opened, or is empty");
      } else {
        List<Integer> arguments = lists.pop();
        lists.element().add(operators.pop().apply(arguments));
      }
    }
    if (lists.size() > 1 || lists.element().isEmpty()) {
      throw malformed(expression.length, "ends too early");
    }
    return lists.element().get(0);
  }

  private static IllegalArgumentException malformed(int offset, String what) {
    return new IllegalArgumentException("byte " + offset + ": the expression " + what);
  }
}
