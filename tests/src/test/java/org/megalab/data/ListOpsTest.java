package org.megalab.data;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListOpsTest {

  /** Replaces innermost lists by their values until a digit is left. */
  private static int independently(String expression) {
    java.util.regex.Pattern innermost = java.util.regex.Pattern.compile("([<>~+])([0-9]+)\\]");
    while (expression.length() > 1) {
      java.util.regex.Matcher list = innermost.matcher(expression);
      assertThat(list.find()).as(expression).isTrue();
      StringBuilder reduced = new StringBuilder();
      do {
        double[] d = list.group(2).chars().mapToDouble(c -> c - '0').sorted().toArray();
        double value =
            switch (list.group(1)) {
              case "<" -> Arrays.stream(d).min().getAsDouble();
              case ">" -> Arrays.stream(d).max().getAsDouble();
              case "+" -> Arrays.stream(d).sum() % 10;
              default ->
                  d.length % 2 == 1
                      ? d[d.length / 2]
                      : Math.floor((d[d.length / 2 - 1] + d[d.length / 2]) / 2);
            };
        list.appendReplacement(reduced, String.valueOf((int) value));
      } while (list.find());
      list.appendTail(reduced);
      expression = reduced.toString();
    }
    return expression.charAt(0) - '0';
  }

  @Test
  void everyTargetIsTheValue() {
    Examples examples = ListOps.standard().examples(200, 0, 0, 1).train();
    int[] classes = new int[10];
    for (int i = 0; i < 200; i++) {
      Example example = examples.get(i);
      assertThat(example.input().length).isStrictlyBetween(500, 2000);
      assertThat(example.label()).isEqualTo(independently(new String(example.input(), US_ASCII)));
      classes[example.label()]++;
    }
    assertThat(Arrays.stream(classes).allMatch(count -> count > 0)).isTrue();
  }

  /** Depth, number of arguments and the share of operators are those of the recipe. */
  @Test
  void treesFollowTheRecipe() {
    Examples examples = new ListOps(0, 1 << 20, 6, 4).examples(20_000, 0, 0, 1).train();
    int lists = 0;
    int[] arguments = new int[5];
    int deepest = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] tokens = examples.get(i).input();
      lists += tokens.length > 1 ? 1 : 0;
      int[] count = new int[10];
      int depth = 0;
      for (byte token : tokens) {
        if (token == ']') {
          arguments[count[depth--]]++;
        } else {
          count[depth]++;
          if (token < '0' || token > '9') {
            count[++depth] = 0;
          }
        }
        deepest = Math.max(deepest, depth);
      }
    }
    assertThat(lists / 20_000.0).isBetween(0.235, 0.265); // 1/4 ± 5 standard deviations
    assertThat(deepest).isEqualTo(5); // the root has depth 1, digits under the deepest list 6
    int all = arguments[2] + arguments[3] + arguments[4];
    assertThat(arguments[0] + arguments[1]).isZero();
    for (int n = 2; n <= 4; n++) {
      assertThat(arguments[n] / (double) all).isBetween(0.3, 0.37);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "<382], 2",
    ">2901], 9",
    "~12], 1",
    "~4125], 3",
    "~925], 5",
    "+9999], 6",
    ">29<47]0], 9",
    "+<5~38]]>90]], 4"
  })
  void valuesByHand(String expression, int value) {
    assertThat(ListOps.evaluate(expression.getBytes(US_ASCII))).isEqualTo(value);
  }

  @Test
  void isWrittenAsInThePapers() {
    assertThat(ListOpsTokens.decode(">29<47]0]".getBytes(US_ASCII)))
        .isEqualTo("[MAX 2 9 [MIN 4 7 ] 0 ]");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0, early",
    "12, 1, end",
    "<12, 3, early",
    "<], 1, empty",
    "1], 1, end",
    "], 0, not opened",
    "<1a], 2, 97"
  })
  void whatIsNoExpressionIsNamed(String expression, int offset, String what) {
    assertThatThrownBy(() -> ListOps.evaluate(expression.getBytes(US_ASCII)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("byte " + offset)
        .hasMessageContaining(what);
  }

  @Test
  void limitsThatNoTreeMeetsAreNamed() {
    assertThatThrownBy(() -> new ListOps(10, 11, 10, 10)).hasMessageContaining("minLength");
    assertThatThrownBy(() -> new ListOps(10, 100, 1, 10)).hasMessageContaining("maxDepth");
    SyntheticTask impossible = new ListOps(1, 4, 10, 10); // a list has at least four tokens
    assertThatThrownBy(() -> impossible.example(new SplitMix64(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tokens");
  }
}
