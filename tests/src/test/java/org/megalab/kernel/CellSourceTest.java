package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CellSourceTest {
  private static CellSource parse(String cell) {
    return CellSource.parse(cell, name -> name.equals("known"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "int r = a\n    % b;",
        "int r = a\n    %b;",
        "int r = 7 %d;",
        "r %= 3;",
        "boolean e = a ==\n%b;",
        "String s = \"%d\";",
        "String s = \"\"\"\n    %d items\n    %known x\n    \\\"\"\" %known\n    \"\"\";",
        "// %known\n/*\n%known\n*/ int i;",
        "char c = '%'; String q = \"\\\"\\n%known\";",
        "int x;\n% known"
      })
  void javaIsLeftAlone(String cell) {
    assertThat(parse(cell)).isEqualTo(new CellSource.Java(cell));
  }

  static Stream<Arguments> lineMagics() {
    return Stream.of(
        Arguments.of("%a", "lineMagic(\"a\", java.util.List.of());"),
        Arguments.of("  %a b 'c d'", "  lineMagic(\"a\", java.util.List.of(\"b\", \"c d\"));"),
        Arguments.of("var r = %a b;", "var r = lineMagic(\"a\", java.util.List.of(\"b\"));"),
        Arguments.of("r = %a\nr", "r = lineMagic(\"a\", java.util.List.of());\nr"),
        Arguments.of(
            "int x;\n%a\n%b\n",
            "int x;\nlineMagic(\"a\", java.util.List.of());\nlineMagic(\"b\", java.util.List.of());\n"),
        Arguments.of("for (;;) {\n%a\n}", "for (;;) {\nlineMagic(\"a\", java.util.List.of());\n}"),
        Arguments.of("%a \"q\\\"\\\\\"", "lineMagic(\"a\", java.util.List.of(\"q\\\"\\\\\"));"),
        Arguments.of(
            "%time f(\"a  b\", 'c');",
            "lineMagic(\"time\", java.util.List.of(\"f(\\\"a  b\\\", 'c');\"));"),
        Arguments.of("x\n%known", "x\n;lineMagic(\"known\", java.util.List.of());"));
  }

  @ParameterizedTest
  @MethodSource("lineMagics")
  void lineMagicsBecomeCallsOnTheSameLine(String cell, String java) {
    assertThat(parse(cell)).isEqualTo(new CellSource.Java(java));
  }

  static Stream<Arguments> cellMagics() {
    return Stream.of(
        Arguments.of("%%m", List.of(), ""),
        Arguments.of("%%m\n", List.of(), ""),
        Arguments.of("%%m a 'b c'\nbody\n%d\n", List.of("a", "b c"), "body\n%d\n"),
        Arguments.of("\n\n  %%m\nx", List.of(), "x"),
        Arguments.of("// why\n/* and\n why */\n%%m x\ny", List.of("x"), "y"));
  }

  @ParameterizedTest
  @MethodSource("cellMagics")
  void cellMagicsTakeTheRest(String cell, List<String> arguments, String body) {
    assertThat(parse(cell)).isEqualTo(new CellSource.CellMagic("m", arguments, body));
  }

  @Test
  void aLongCommentIsReadWithoutDeepRecursion() {
    String cell = "// line\n".repeat(5_000) + "%%m\nx";
    assertThat(parse(cell)).isInstanceOf(CellSource.CellMagic.class);
  }
}
