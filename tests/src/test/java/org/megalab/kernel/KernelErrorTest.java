package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a cell that fails tells: which error, in which cell, in which line. */
class KernelErrorTest extends KernelFixture {
  private int number(String cell) throws Exception {
    return run(cell).reply().content().get("execution_count").getAsInt();
  }

  @Test
  void linesOfLambdasAndMethodsFromEarlierCellsAreNamedByCellAndLine() throws Exception {
    int first =
        number(
            """
            int bad(int x) {
              int[] a = new int[1];
              return a[x];
            }
            // a comment
            Function<Integer, Integer> lambda = x -> {
              return bad(x) + 1;
            };
            class Nested {
              static class Deep { Deep() { lambda.apply(5); } }
              Supplier<Integer> later() { return () -> bad(7); }
            }""");
    Ran ran = run("int fine = 1;\n\nList.of(1, 2).forEach(v -> {\n  lambda.apply(v);\n});");
    int second = ran.reply().content().get("execution_count").getAsInt();
    assertThat(ran.reply().text("ename")).isEqualTo("java.lang.ArrayIndexOutOfBoundsException");
    assertThat(ran.traceback())
        .containsSubsequence(
            "at bad (cell " + first + ", line 3)\n        return a[x];\n        ^^^^^^^^^^^^\n",
            "at lambda (cell " + first + ", line 7)",
            "at lambda (cell " + second + ", line 4)\n        lambda.apply(v);\n        ^^^^",
            "at cell " + second + ", line 3");
    assertThat(run("\nnew Nested.Deep()").traceback())
        .contains(
            "new Nested.Deep (cell " + first + ", line 10)", ", line 2\n        new Nested.Deep()");
    assertThat(run("new Nested().later().get()").traceback())
        .contains("lambda in later (cell " + first + ", line 11)");
  }

  @Test
  void severalSnippetsInACellHaveTheirOwnLines() throws Exception {
    Ran ran = run("int a = 1; int b = 2;\nint c = a / 0; int d = 3;");
    assertThat(ran.traceback()).contains(", line 2\n        int c = a / 0; int d = 3;");
    assertThat(run("b").result()).isEqualTo("2");
    assertThat(run("d").reply().text("ename")).isEqualTo("CompileError");
    Ran caret = run("int e = 1; int f = nothing; int g = 2;");
    assertThat(caret.traceback())
        .contains("int e = 1; int f = nothing; int g = 2;\n                   ^^^^^^^\n");
  }

  @Test
  void causesHaveTheirLinesToo() throws Exception {
    Ran ran =
        run(
            """
            try {
              Integer.parseInt("x");
            } catch (NumberFormatException e) {
              throw new IllegalStateException("outer", e);
            }""");
    assertThat(ran.reply().text("ename")).isEqualTo("java.lang.IllegalStateException");
    assertThat(ran.reply().text("evalue")).isEqualTo("outer");
    assertThat(ran.traceback())
        .containsSubsequence(
            "line 4\n        throw new", "Caused by: java.lang.NumberFormatException", "line 2\n");
  }

  @Test
  void aDeepStackIsCountedNotListed() throws Exception {
    Ran ran = run("int down(int n) { return down(n + 1) + 1; }\ndown(0)");
    assertThat(ran.reply().text("ename")).isEqualTo("java.lang.StackOverflowError");
    assertThat(ran.traceback()).contains("more times");
    assertThat(ran.traceback().lines().count()).isLessThan(60);
  }

  @Test
  void codeThatACellEvaluatesFailsWithItsOwnError() throws Exception {
    Ran ran = run("int one = 1;\neval(\"one / 0\")");
    assertThat(ran.reply().text("ename")).isEqualTo("java.lang.ArithmeticException");
    assertThat(ran.traceback())
        .contains("one / 0", "evaluated by", "line 2\n")
        .doesNotContain("jdk.jshell");
    assertThat(run("eval(\"int q = \\\"x\\\";\")").reply().text("ename")).isEqualTo("CompileError");
  }

  @Test
  void magicsFailWithoutFramesOfTheKernel() throws Exception {
    Ran ran = run("int ok = 1;\n%classpath no/such.jar");
    assertThat(ran.reply().text("ename")).isEqualTo("java.lang.IllegalArgumentException");
    assertThat(ran.traceback())
        .contains("line 2\n        %classpath no/such.jar\n        ^^^^")
        .doesNotContain("org.megalab", "spencerpark");
  }
}
