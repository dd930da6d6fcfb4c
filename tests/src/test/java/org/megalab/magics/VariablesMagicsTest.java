package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.megalab.model.SequenceModel;

/** {@code %who} and {@code %vars}. */
class VariablesMagicsTest extends MagicsFixture {

  /** All that was shown, and nothing shown before. */
  private String shown() {
    return kernel.shown.stream()
        .map((DisplayData data) -> as(data, "text/html"))
        .collect(Collectors.joining("\n"));
  }

  /** The texts of the cells of the row that begins with a name. */
  private static List<String> row(String html, String name) {
    return html.lines()
        .flatMap(line -> List.of(line.split("<tr>", -1)).stream())
        .filter(row -> row.startsWith("<td style='text-align:left'>" + name + "</td>"))
        .map(row -> List.of(row.replaceAll("<[^>]*>", "\t").strip().split("\t+", -1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no row " + name + " in " + html));
  }

  @Test
  void varsListsTypesAndShortValues() throws Exception {
    kernel.evalRaw("int answer = 42;");
    kernel.evalRaw("var many = new int[1_000_000];");
    kernel.evalRaw("var list = java.util.List.of(1, 2, 3);");
    kernel.evalRaw("String nothing;");
    kernel.evalRaw("var text = \"x\\n\".repeat(100_000);");
    kernel.evalRaw("3 + 4"); // JShell's own variable $1
    line("vars");
    String html = shown();
    assertThat(row(html, "answer")).containsExactly("answer", "int", "42");
    assertThat(row(html, "many")).containsExactly("many", "int[]", "1,000,000 elements");
    assertThat(row(html, "list").get(2)).isEqualTo("3 elements");
    assertThat(row(html, "nothing")).containsExactly("nothing", "String", "null");
    assertThat(row(html, "text").get(2)).startsWith("x␊x␊").endsWith("…").hasSize(60);
    assertThat(row(html, "model")).contains("SequenceModel");
    assertThat(row(html, "model").get(2)).startsWith("megabyte, ").endsWith(" parameters");
    assertThat(row(html, "corpus").get(2)).contains("text, ", "bytes to train on");
    assertThat(html).doesNotContain("$1");
  }

  @Test
  void aValueThatCannotTellItselfIsStillListed() throws Exception {
    kernel.evalRaw("class Odd { public String toString() { throw new ArithmeticException(); } }");
    kernel.evalRaw("var odd = new Odd();");
    line("vars");
    assertThat(row(shown(), "odd")).containsExactly("odd", "Odd", "(ArithmeticException)");
  }

  @Test
  void listingLeavesNoVariablesBehind() throws Exception {
    line("vars");
    String before = shown();
    kernel.shown.clear();
    line("vars");
    assertThat(shown()).isEqualTo(before);
  }

  @Test
  void whoListsModelsDataAndRuns() throws Exception {
    trainTwoSteps("who");
    kernel.shown.clear();
    line("who");
    String html = shown();
    long parameters = model().parameterCount();
    assertThat(row(html, "model"))
        .containsExactly(
            "model",
            "megabyte",
            String.format(java.util.Locale.ROOT, "%,d", parameters),
            String.format(java.util.Locale.ROOT, "%,d", 4 * parameters),
            "cpu");
    assertThat(row(html, "corpus")).contains("text", "text, bytes");
    assertThat(row(html, "run")).contains("megabyte", "2", "complete");
    assertThat(kernel.shown).hasSize(3);
  }

  @Test
  void aModelThatWasFreedIsListedAsSuch() throws Exception {
    cell("model", TINY, "megabyte", "--preset", "tiny", "--as", "gone");
    variable("gone", SequenceModel.class).close();
    line("who");
    assertThat(row(shown(), "gone")).contains("0", "no parameters");
  }

  @Test
  void whoSaysHowToBeginWhereThereIsNothing() throws Exception {
    try (StockKernel empty = new StockKernel()) {
      Megalab.install(empty);
      empty.getMagics().applyLineMagic("who", List.of());
      assertThat(empty.shown).isEmpty();
      assertThat(stdout()).contains("%%model", "%dataset", "%train");
    }
  }
}
