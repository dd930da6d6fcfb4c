package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code %time} and {@code %%time}. */
class TimeMagicTest extends MagicsFixture {

  private static final String T = "org.megalab.magics.Stopwatch.time(() -> ";

  private double wallMilliseconds() {
    Matcher wall = Pattern.compile("wall ([\\d.]+) (s|ms|µs), CPU ").matcher(stdout());
    assertThat(wall.find()).as(stdout()).isTrue();
    double value = Double.parseDouble(wall.group(1));
    return wall.group(2).equals("s")
        ? 1e3 * value
        : wall.group(2).equals("ms") ? value : value / 1e3;
  }

  @Test
  void aLineIsTimedAndItsValueShown() throws Exception {
    assertThat(line("time", "corpus.train()", ".bytes()", "*", "0", "+", "5")).isEqualTo(5L);
    assertThat(last("text/plain")).isEqualTo("5");
    assertThat(stdout())
        .containsPattern("^wall [\\d.]+ (ms|µs), CPU [\\d.]+ (s|ms|µs), allocated ");
  }

  @Test
  void sleepingCostsTimeAndCompilingNone() throws Exception {
    line("time", "Thread.sleep(50)");
    assertThat(wallMilliseconds()).isBetween(50.0, 1000.0);
    assertThat(kernel.shown).isEmpty();
    capture();
    line("time", "1 + 1");
    assertThat(wallMilliseconds()).isLessThan(15);
  }

  @Test
  void allocatedBytesAreCounted() throws Exception {
    line("time", "new byte[3 << 20].length");
    assertThat(stdout()).contains("allocated 3.0 MiB");
    assertThat(last("text/plain")).isEqualTo("3145728");
  }

  @Test
  void aCellDefinesItsVariables() throws Exception {
    cell(
        "time",
        """
        int a = 4; // a comment with "quotes"
        var text = "x;y";
        int[] numbers = {1, 2};
        for (int i = 0; i < 3; i++) {
          a += i;
        }
        Runnable nothing = () -> {};
        java.util.List<String> list = new java.util.ArrayList<>();
        list.add(text)
        """);
    assertThat(last("text/plain")).isEqualTo("true");
    assertThat(variable("a", Integer.class)).isEqualTo(7);
    assertThat(kernel.evalRaw("list.get(0) + numbers.length")).isEqualTo("x;y2");
    kernel.shown.clear();
    cell("time", "a = 9;\na + 1;");
    assertThat(kernel.shown).isEmpty();
    assertThat(variable("a", Integer.class)).isEqualTo(9);
  }

  @Test
  void whatIsMoreThanStatementsRunsAsItIs() throws Exception {
    cell("time", "import java.util.BitSet;\nint twice(int x) { return 2 * x; }\ntwice(4)");
    assertThat(last("text/plain")).isEqualTo("8");
    assertThat(stdout()).startsWith("wall ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "f(1) | @f(1))",
        "f(1); | @f(1));",
        "var x = 1; g() | var x = @1); @g())",
        "int a = 1, b = 2; | int a = @1), b = @2);",
        "int a; | int a;",
        "1 + 1 | @1 + 1)",
        "a = 2; a.b[3] | @a = 2); @a.b[3])",
        "x; | @x);",
        "if (a) b(); | @{ if (a) b(); });",
        "record R(int i) {} | record R(int i) {}",
      })
  void statementsAreWrapped(String code, String timed) {
    assertThat(TimedCode.of(code)).contains(timed.replace("@", T));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"%train --steps 5", "import a.B;", "int f() { return 1; }", "} class X {", "1 +"})
  void otherCodeIsLeftAlone(String code) {
    assertThat(TimedCode.of(code)).isEmpty();
  }

  @Test
  void failuresAreThoseOfTheCode() throws Exception {
    assertThatThrownBy(() -> line("time", "Integer.parseInt(corpus.name())"))
        .hasStackTraceContaining("For input string: \"text\"");
    assertThat(failure("time")).contains("nothing to time", "%time corpus");
    assertThat(cellFailure("time", "1 + 1", "2 + 2")).contains("not in both");
    assertThat(failure("time", "--fast", "1")).contains("'--fast'");
    Stopwatch fresh = Stopwatch.begin();
    fresh.end();
    assertThat(fresh.toString()).isEqualTo("wall 0.0 µs, CPU 0.0 µs, allocated 0 bytes");
  }
}
