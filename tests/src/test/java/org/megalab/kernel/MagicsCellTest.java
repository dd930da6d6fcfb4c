package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Magics about time, variables and files in a real kernel. */
class MagicsCellTest extends KernelFixture {

  private Ran ok(String code) throws Exception {
    Ran ran = run(code);
    assertThat(ran.status()).as(code + ran.reply().content()).isEqualTo("ok");
    return ran;
  }

  @Test
  void linesAndCellsAreTimed() throws Exception {
    Ran line = ok("%time \"a  b\".length() + 'c' - 'c'");
    assertThat(line.stdout()).startsWith("wall ").contains(", CPU ", ", allocated ");
    assertThat(line.published().toString()).contains("\"text/plain\":\"4\"");
    Ran cell = ok("%%time\nint n = 3;\nfor (int i = 0; i < 4; i++) {\n  n += i;\n}\nn * 2");
    assertThat(cell.published().toString()).contains("\"text/plain\":\"18\"");
    assertThat(ok("n").result()).isEqualTo("9");
    assertThat(ok("%%time\n%lsmagic").stdout()).contains("wall ");
    assertThat(ok("%time %lsmagic").stdout()).contains("wall ");
    Ran wrong = run("%time 1 / (n - n)");
    assertThat(wrong.status()).isEqualTo("error");
    assertThat(wrong.traceback()).contains("/ by zero");
    assertThat(run("%%time\nint x = \"text\";").reply().text("evalue")).contains("incompatible");
  }

  @Test
  void aTimedLoopIsInterrupted() throws Exception {
    String id = kernel.sendExecute("%time while (true) {}", true);
    Thread.sleep(1_000);
    long asked = System.nanoTime();
    kernel.interrupt();
    assertThat(await(id).reply().text("ename")).isEqualTo("Interrupted");
    assertThat((System.nanoTime() - asked) / 1e9).isLessThan(5);
    assertThat(ok("%time 1 + 1").published().toString()).contains("\"text/plain\":\"2\"");
  }

  @Test
  void variablesOfCellsAreListedWithTheirValues() throws Exception {
    ok("var greeting = \"hello\"; long[] numbers = {1, 2, 3}; String none = null;");
    ok("record Point(int x, int y) {}\nvar point = new Point(1, 2);");
    ok("1 + 1");
    String shown = ok("%vars").published().toString();
    assertThat(shown)
        .contains(">greeting<", ">hello<", ">long[]<", ">3 elements<", ">null<")
        .contains(">Point<", ">Point[x=1, y=2]<")
        .doesNotContain(">$");
  }

  @Test
  void modelsAreSavedAndLoadedByName() throws Exception {
    ok("%%model megabyte --preset tiny --as first");
    ok("%save first \"saved models/first\"");
    ok("%load \"saved models/first\" second");
    assertThat(ok("first.config().equals(second.config())").result()).isEqualTo("true");
    assertThat(ok("%who").published().toString()).contains(">first<", ">second<", ">megabyte<");
    assertThat(run("%save first \"saved models/first\"").reply().text("evalue"))
        .contains("is there already", "--force");
  }
}
