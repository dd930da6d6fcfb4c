package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is declared or imported later: variables keep their values. */
class KernelVariablesTest extends KernelFixture {
  /** Cells in order, then an expression and what it must give. */
  private static Arguments sequence(String name, String expression, String value, String... cells) {
    return Arguments.of(name, List.of(cells), expression, value);
  }

  static Stream<Arguments> sequences() {
    return Stream.of(
        sequence(
            "import after variable",
            "a1 + \" \" + a2",
            "[1] [2]",
            "var a1 = new ArrayList<>(List.of(1));",
            "import java.time.*;",
            "var a2 = new ArrayList<>(List.of(2));",
            "import java.util.concurrent.atomic.*;"),
        sequence(
            "import that shadows the variable's type",
            "b.size()",
            "1",
            "List<String> b = new ArrayList<>(List.of(\"x\"));",
            "import java.awt.*;",
            "import java.util.List;"),
        sequence(
            "method again, other body",
            "c",
            "[6]",
            "int mc(int x) { return 2 * x; }",
            "var c = new ArrayList<>(List.of(mc(3)));",
            "int mc(int x) { return 3 * x; }"),
        sequence(
            "method again, other type",
            "d + \" \" + md(1)",
            "2 one",
            "int md(int x) { return 2 * x; }",
            "int d = md(1);",
            "String md(int x) { return \"one\"; }"),
        sequence(
            "variable again, other type",
            "e + \" \" + e2",
            "text 7",
            "int e = 7;",
            "int e2 = e;",
            "String e = \"text\";"),
        sequence(
            "same class again",
            "f.v",
            "5",
            "class F { int v = 1; }",
            "F f = new F();\nf.v = 5;",
            "class F { int v = 1; }"),
        sequence(
            "same class again keeps its static fields and the objects in lists",
            "Fs.n + \" \" + ((Fs) listFs.get(0)).v",
            "5 1",
            "class Fs { static int n = 1; int v = 1; }",
            "Fs.n = 5;\nList<Object> listFs = new ArrayList<>(List.of(new Fs()));",
            "class Fs { static int n = 1; int v = 1; }"),
        sequence(
            "same cell of class and variable's maker again",
            "g.v + \" \" + gs.size()",
            "5 1",
            "class G { int v = 1; }\nG makeG() { return new G(); }",
            "G g = makeG();\ng.v = 5;\nvar gs = new ArrayList<G>(List.of(g));",
            "class G { int v = 1; }\nG makeG() { return new G(); }"),
        sequence(
            "other class again",
            "h",
            "[1]",
            "class H { }\nclass Other { }",
            "var h = new ArrayList<>(List.of(1));\nOther o = new Other();",
            "class H { int now; }"),
        sequence(
            "generic of a class that changes keeps the list",
            "i.size()",
            "1",
            "class I { int v = 1; }",
            "List<I> i = new ArrayList<>();\ni.add(new I());",
            "class I { int v = 2; int w; }"),
        sequence(
            "var",
            "j.get(\"k\").get(0)",
            "9",
            "var j = new HashMap<String, List<Integer>>();\nj.put(\"k\", List.of(9));",
            "class J { }",
            "import java.text.*;"),
        sequence(
            "lambda",
            "k.apply(4)",
            "41",
            "int addK = 1;",
            "Function<Integer, Integer> k = x -> 10 * x + addK;",
            "import java.net.*;",
            "class KUnrelated {}"),
        sequence(
            "lambda sees the assigned variable",
            "l.get()",
            "2",
            "int seenL = 1;\nSupplier<Integer> l = () -> seenL;",
            "seenL = 2;"),
        sequence(
            "record",
            "m.x() + \" \" + m",
            "3 M[x=3]",
            "record M(int x) { }",
            "var m = new M(3);",
            "record M(int x) { }",
            "import java.time.*;"),
        sequence(
            "enum",
            "n + \" \" + N.valueOf(\"B\")",
            "B B",
            "enum N { A, B }",
            "N n = N.B;",
            "enum N { A, B }",
            "class NUnrelated { }"),
        sequence(
            "static nested",
            "o.w.v",
            "8",
            "class O { static class W { int v; } W w = new W(); }",
            "var o = new O();\no.w.v = 8;",
            "class O { static class W { int v; } W w = new W(); }"),
        sequence(
            "anonymous class",
            "p.get()",
            "12",
            "var p = new Supplier<Integer>() { int times = 3; public Integer get() { return 4 * times; } };",
            "class P { }",
            "import java.net.*;"),
        sequence(
            "array",
            "q[1][0]",
            "6",
            "int[][] q = {{1}, {6}};",
            "int helperQ() { return q[0][0]; }",
            "int helperQ() { return q[1][0]; }"),
        sequence(
            "forward reference to a method",
            "r()",
            "5",
            "int r() { return later(); }",
            "int later() { return 5; }"),
        sequence(
            "forward reference to a class",
            "useS(new S())",
            "2",
            "int useS(S s) { return s.v; }",
            "class S { int v = 2; }"),
        sequence(
            "forward reference within one cell",
            "t1(1)",
            "3",
            "int t1(int x) { return t2(x) + 1; }\nint t2(int x) { return x + 1; }"),
        sequence(
            "interface again with an implementing variable",
            "u.go()",
            "1",
            "interface U { int go(); }",
            "U u = () -> 1;",
            "interface U { int go(); }"),
        sequence(
            "initializer fails, old value stays",
            "v",
            "5",
            "int v = 5;",
            "int v = Integer.parseInt(\"no number\");"),
        sequence(
            "initializer of an object fails, old value stays",
            "w",
            "[1]",
            "var w = new ArrayList<>(List.of(1));",
            "var w = new ArrayList<Integer>(-1);"),
        sequence(
            "redeclaration that does not compile, old value stays",
            "x",
            "5",
            "int x = 5;",
            "int x = \"text\";"),
        sequence(
            "generic variable redeclared wrongly keeps its value",
            "xs.get(\"k\")",
            "[5]",
            "var xs = new HashMap<String, List<Integer>>();\nxs.put(\"k\", List.of(5));",
            "var xs = nowhere();"),
        sequence(
            "method redeclared wrongly stays",
            "mw(2)",
            "4",
            "int mw(int x) { return 2 * x; }",
            "int mw(int x) { return \"text\"; }"),
        sequence(
            "class redeclared wrongly stays",
            "new Cw().v",
            "4",
            "class Cw { int v = 4; }",
            "class Cw { int v = \"text\"; }"),
        sequence(
            "variable whose initializer does not compile any more",
            "twiceN + \" \" + listN",
            "10 [5]",
            "int baseN = 5;",
            "var twiceN = 2 * baseN;\nvar listN = new ArrayList<>(List.of(baseN));",
            "String baseN = \"text\";"),
        sequence(
            "null stays null",
            "String.valueOf(y)",
            "null",
            "String y = null;",
            "import java.net.*;",
            "class Y { }"),
        sequence(
            "primitives of all kinds",
            "\"\" + z1 + z2 + z3 + z4",
            "1.52ctrue",
            "double z1 = 1.5;\nlong z2 = 2;\nchar z3 = 'c';\nboolean z4 = true;",
            "import java.net.*;",
            "class Z { }",
            "import static java.lang.Math.*;"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sequences")
  void keepsVariables(String name, List<String> cells, String expression, String value)
      throws Exception {
    for (String cell : cells) {
      run(cell);
    }
    Ran ran = run(expression);
    assertThat(ran.status()).as(ran.reply().content().toString()).isEqualTo("ok");
    assertThat(ran.result()).isEqualTo(value);
  }

  @Test
  void aChangedClassNamesTheVariablesThatItCost() throws Exception {
    run("class Changed { int v = 1; }");
    run("Changed changed = new Changed();\nint unharmed = 1;");
    Ran again = run("class Changed { int v = 2; }");
    assertThat(again.stream("stderr")).contains("changed").doesNotContain("unharmed");
    assertThat(run("changed == null").result()).isEqualTo("true");
    assertThat(run("unharmed").result()).isEqualTo("1");
  }

  @Test
  void codeThatACellEvaluatesDeclaresVariablesAnew() throws Exception {
    run("eval(\"var nested = List.of(1);\")");
    assertThat(run("eval(\"var nested = List.of(2);\");\nnested").result()).isEqualTo("[2]");
    run("{ eval(\"var nested = \\\"text\\\";\"); eval(\"int other = 3;\"); }");
    assertThat(run("nested + other").result()).isEqualTo("text3");
  }

  @Test
  void threadsGoOnWithTheirVariables() throws Exception {
    run(
        "var counted = new java.util.concurrent.atomic.AtomicInteger();\n"
            + "var counter = new Thread(() -> { while (counted.get() < 1_000_000) counted.incrementAndGet(); });");
    run("counter.start();\nimport java.net.*;\nclass WhileCounting { }\nint alsoNew = 1;");
    assertThat(run("counter.join();\ncounted.get()").result()).isEqualTo("1000000");
  }
}
