package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MagicArgumentsTest {
  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of("", List.of()),
        Arguments.of("  \t ", List.of()),
        Arguments.of("a  b\tc", List.of("a", "b", "c")),
        Arguments.of("'a b' \"c d\"", List.of("a b", "c d")),
        Arguments.of("'' \"\"", List.of("", "")),
        Arguments.of("C:\\data\\new.csv", List.of("C:\\data\\new.csv")),
        Arguments.of("'\\n'", List.of("\\n")),
        Arguments.of("\"say \\\"hi\\\" \\\\ \\n\"", List.of("say \"hi\" \\ \\n")),
        Arguments.of("key=\"a b\"c", List.of("key=a bc")),
        Arguments.of("'it\"s' \"it's\"", List.of("it\"s", "it's")),
        Arguments.of("--seed=1 -x é😀", List.of("--seed=1", "-x", "é😀")));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void tokenizes(String text, List<String> expected) {
    assertThat(MagicArguments.tokenize(text)).isEqualTo(expected);
  }

  @Test
  void anOpenQuoteIsNamed() {
    assertThatThrownBy(() -> MagicArguments.tokenize("a 'b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("column 3")
        .hasMessageContaining("a 'b");
  }
}
