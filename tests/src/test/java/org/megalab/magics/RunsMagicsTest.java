package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.megalab.model.SequenceModel;
import org.megalab.train.Run;
import tech.tablesaw.api.Table;

/** {@code %runs} and {@code %compare}. */
class RunsMagicsTest extends MagicsFixture {

  @Test
  void runsListsAllBelowAFolder() throws Exception {
    Path root = folder.resolve("all");
    train("--steps=3", "--batch-size=2", "--run=" + root.resolve("b/inner"));
    train("--steps=2", "--batch-size=2", "--run=" + root.resolve("a"));
    Files.createDirectories(root.resolve("c"));
    Files.writeString(root.resolve("c/config.json"), "{");
    Files.writeString(root.resolve("c/metrics.jsonl"), "");
    Table table = (Table) line("runs", root.toString());
    assertThat(table.stringColumn("run").asList()).containsExactly("a", "b/inner", "c");
    assertThat(table.longColumn("steps").get(1)).isEqualTo(3);
    assertThat(table.doubleColumn("validation bpb").get(0)).isPositive();
    assertThat(table.stringColumn("state").asList().subList(0, 2))
        .containsExactly("complete", "complete");
    assertThat(table.stringColumn("state").get(2)).startsWith("unreadable: ").contains("c/config");
    assertThat(last("text/html")).contains("megabyte", "b/inner", "unreadable");
  }

  @Test
  void runsSaysWhereThereAreNone() throws Exception {
    line("runs", folder.resolve("no runs").toString());
    assertThat(stdout()).contains("There are no runs in", "no runs", "%train");
    assertThat(kernel.shown).isEmpty();
  }

  @Test
  void compareTakesVariablesAndDirectories() throws Exception {
    train("--steps=3", "--batch-size=2", "--as=first", "--run=" + folder.resolve("first"));
    Run second = train("--steps=2", "--batch-size=2", "--run=" + folder.resolve("second"));
    kernel.shown.clear();
    Path svg = folder.resolve("both.svg");
    String directory = second.directory().toString();
    Table table = (Table) line("compare", "first", directory, "--x=bytes", "--save=" + svg);
    assertThat(table.stringColumn("run").asList()).containsExactly("first", directory);
    assertThat(table.longColumn("steps").asList()).containsExactly(3L, 2L);
    assertThat(kernel.shown).hasSize(2);
    assertThat(as(kernel.shown.get(0), "text/html")).contains("validation bpb");
    assertThat(last("image/png")).startsWith("iVBORw0KGgo");
    assertThat(Files.readString(svg)).contains("<svg");
  }

  @Test
  void compareShowsWhatModelsCost() throws Exception {
    cell("model", "", "llama", "--preset=tiny", "--as=other");
    Table table = (Table) line("compare", "model", "other");
    assertThat(table.stringColumn("model").asList()).containsExactly("model", "other");
    assertThat(table.longColumn("parameters").get(0)).isEqualTo(model().parameterCount());
    variable("other", SequenceModel.class).close();
  }

  @Test
  void compareRefusesWhatItCannotCompare() throws Exception {
    trainTwoSteps("mixed");
    assertThat(failure("compare", "run")).contains("%compare", "2");
    assertThat(failure("compare", "run", "run")).contains("run is given twice");
    assertThat(failure("compare", "run", "model")).contains("runs compare with runs");
    assertThat(failure("compare", "run", "corpus")).contains("must be a run or a model");
    assertThat(failure("compare", "run", "nobody"))
        .contains("no variable and no run \"nobody\"", "%who", "%runs");
    assertThat(failure("compare", "run", folder.toString())).contains("holds no run");
    assertThat(failure("compare", "model", "model", "--svg")).contains("given twice");
    cell("model", "", "llama", "--preset=tiny", "--as=another");
    assertThat(failure("compare", "model", "another", "--x=bytes")).contains("leave --x");
    variable("another", SequenceModel.class).close();
  }
}
