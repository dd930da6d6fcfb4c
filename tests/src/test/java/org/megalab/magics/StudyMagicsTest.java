package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.megalab.experiment.Study;
import org.megalab.experiment.StudyResult;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %%ablate} and {@code %study}. */
class StudyMagicsTest extends MagicsFixture {

  /** Two arms, two seeds, three steps each, of the variables' model and text. */
  private static final String BODY =
      """
      {"training": {"steps": 3, "batchSize": 2}, "seeds": 2, "base": "patchSize=8",
       "grid": {"patchSize": [4, 8]}}
      """;

  private StudyResult ablate(String name, String body) throws Exception {
    cell("ablate", body, name, "--run", folder.resolve(name).toString());
    return variable("result", StudyResult.class);
  }

  private static List<Double> means(StudyResult result) {
    return result.table().doubleColumn("mean").asList();
  }

  @Test
  void oneDisplayIsLiveAndEndsWithTableAndFigures() throws Exception {
    StudyResult result = ablate("live", BODY);
    assertThat(kernel.shown).hasSize(1);
    DisplayData first = kernel.shown.get(0);
    assertThat(as(first, "text/plain"))
        .startsWith("live: 0 of 4 runs, ? left\npatchSize=4, seed 1");
    assertThat(as(first, "text/html")).contains("<progress value='0' max='4'>", ">patchSize=4<");
    assertThat(kernel.updates)
        .hasSizeGreaterThan(4)
        .allSatisfy(data -> assertThat(data.getDisplayId()).isEqualTo(first.getDisplayId()));
    assertThat(kernel.updates)
        .anySatisfy(
            data -> assertThat(as(data, "text/plain")).contains("2 of 4 runs, 0:0", "seed 2"));
    String end = as(kernel.updates.get(kernel.updates.size() - 1), "text/html");
    assertThat(end)
        .contains("standard deviation", ">patchSize=8<")
        .contains("<img alt='Bits per byte' src='data:image/png;base64,iVBORw0KGgo")
        .contains("<img alt='Bits per byte against patchSize'")
        .doesNotContain("<progress");
    assertThat(stdout()).contains("live: 4 of 4 runs in ", "result holds them");
    assertThat(result.study().directory().resolve("table.csv")).exists();
    assertThat(result.table().intColumn("seeds").asList()).containsExactly(2, 2);
    assertThat(kernel.evalRaw("result.run(\"patchSize=4\", 2).metrics().rowCount()")).isEqualTo(3);
  }

  @Test
  void itIsTheStudyThatPlainJavaRuns() throws Exception {
    StudyResult magic = ablate("same", BODY);
    Path text = folder.resolve("text");
    String json =
        """
        {"name": "same", "model": %s, "data": "%s", %s
        """
            .formatted(model().config().toJson(), text, BODY.strip().substring(1));
    StudyResult java = Study.ofJson(json, folder.resolve("java")).run();
    assertThat(means(java)).isEqualTo(means(magic)).doesNotContain(Double.NaN);
    kernel.shown.clear();
    Study.ofJson(json, folder.resolve("java")).run(); // is only read, and shown all the same
    assertThat(last("text/html")).contains("standard deviation", "<img alt='Bits per byte'");
  }

  @Test
  void anInterruptEndsItAndTheCellGoesOn() throws Exception {
    List<Double> whole = means(ablate("whole", BODY));
    Thread.currentThread().interrupt();
    StudyResult cut = ablate("cut", BODY);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(cut.runs().rowCount()).isZero();
    assertThat(stdout()).contains("Interrupted: cut: 0 of 4 runs. Run the cell again to go on.");
    StudyResult result = ablate("cut", BODY);
    assertThat(means(result)).isEqualTo(whole);
    kernel.shown.clear();
    kernel.updates.clear();
    ablate("cut", BODY); // repeats nothing
    assertThat(kernel.updates).isEmpty();
    assertThat(last("text/html")).contains("<img alt='Bits per byte'").doesNotContain("<progress");
  }

  @Test
  void aFailedArmIsARowWithItsError() throws Exception {
    StudyResult result =
        ablate(
            "failing",
            """
            {"training": {"steps": 2, "batchSize": 2}, "base": "sound",
             "arms": {"sound": {}, "odd": {"patchSize": 5}}}
            """);
    assertThat(result.table().stringColumn("error").get(1)).contains("patchSize = 5");
    assertThat(means(result).get(0)).isPositive();
    String end = as(kernel.updates.get(kernel.updates.size() - 1), "text/html");
    assertThat(end).contains("patchSize = 5", "<img alt='Bits per byte'").doesNotContain("against");
  }

  /** Data that is nowhere but in a variable. */
  @Test
  void theVariableIsTheData() throws Exception {
    kernel.evalRaw(
        "corpus = new Corpus(\"own\", corpus.train(), corpus.validation(), corpus.test(), null);");
    try {
      StudyResult result = ablate("own", BODY);
      assertThat(result.table().intColumn("seeds").asList()).containsExactly(2, 2);
      line("study", folder.resolve("own").toString(), "--as=own");
      assertThat(variable("own", StudyResult.class)).hasToString("own: 4 of 4 runs");
    } finally {
      line("dataset", folder.resolve("text").toString());
    }
  }

  @Test
  void aSearchShowsItsRungs() throws Exception {
    String body =
        """
        {"random": {"arms": 4, "space": {"training.learningRate": {"logarithmic": [1e-4, 1e-2]}}},
         "training": {"batchSize": 2}, "halving": {"budget": {"steps": 1}, "eta": 2}}
        """;
    StudyResult result = ablate("search", body);
    assertThat(kernel.shown).hasSize(1);
    String end = as(kernel.updates.get(kernel.updates.size() - 1), "text/html");
    assertThat(end)
        .contains(">rungs, validation bits per byte<", ">kept<", ">search, rung 1, validation")
        .contains("<img alt='Bits per byte'");
    assertThat(result.search().orElseThrow().best()).isPresent();
    assertThat(result.runs().longColumn("steps").asList()).containsExactly(2L, 2L);
    String directory = folder.resolve("search").toString();
    kernel.updates.clear();
    line("study", directory, "--as=again");
    assertThat(kernel.updates).hasSizeLessThan(3); // nothing is trained
    assertThat(variable("again", StudyResult.class).search().orElseThrow().table().toString())
        .isEqualTo(result.search().orElseThrow().table().toString());
    assertThat(failure("study", directory, "--steps=3")).contains("rungs", "leave 3 steps out");
  }

  @Test
  void studyGoesOnWithAFolderOrOnlyShowsIt() throws Exception {
    Thread.currentThread().interrupt();
    ablate("folder", BODY);
    assertThat(Thread.interrupted()).isTrue();
    String directory = folder.resolve("folder").toString();
    assertThat(failure("study", directory, "--run=elsewhere")).contains("leave --run out");
    line("study", directory, "--show", "--as=shown");
    assertThat(variable("shown", StudyResult.class).runs().rowCount()).isZero();
    line("study", directory, "--as=ended");
    StudyResult ended = variable("ended", StudyResult.class);
    assertThat(ended.runs().rowCount()).isEqualTo(4);
    line("study", directory, "--seeds=3");
    assertThat(variable("result", StudyResult.class).runs().rowCount()).isEqualTo(6);
    kernel.shown.clear();
    line("who");
    assertThat(last("text/html")).contains(">studies<", ">ended<", ">shown<");
    line("summary", "ended");
    assertThat(last("text/html")).contains(">patchSize=4<");
  }

  @Test
  void readyMadeStudiesAreListedAndRun() throws Exception {
    line("study");
    assertThat(last("text/html")).contains(">megabyte-patch-size<", ">architectures<");
    String directory = folder.resolve("ready").toString();
    line("study", "megabyte-patch-size", "--seeds=1", "--run=" + directory, "--as=ready", "--show");
    StudyResult ready = variable("ready", StudyResult.class);
    assertThat(ready.study().name()).isEqualTo("megabyte-patch-size");
    assertThat(ready.study().seeds()).containsExactly(1L);
    assertThat(ready.runs().rowCount()).isZero();
    assertThat(failure("study", "megabyte-patchsize"))
        .contains("did you mean megabyte-patch-size?", "megalodon-ema");
  }

  @Test
  void wrongStudiesAreRefusedBeforeAnythingRuns() throws Exception {
    Path nothing = folder.resolve("nothing");
    String run = "--run=" + nothing;
    assertThat(cellFailure("ablate", "", "x", run)).contains("as JSON", "%help ablate");
    assertThat(cellFailure("ablate", "{\"grid\" 3}", "x", run)).contains("malformed JSON");
    assertThat(cellFailure("ablate", "{\"grids\": {}}", run)).contains("\"grids\"", "grid");
    assertThat(cellFailure("ablate", "{\"name\": \"a\"}", "b", run)).contains("given twice");
    assertThat(cellFailure("ablate", "{\"name\": [1], \"grid\": {}}", run))
        .contains("name must be a text");
    assertThat(cellFailure("ablate", "{\"training\": {\"steps\": 2}}", run))
        .contains("at least one arm");
    assertThat(cellFailure("ablate", BODY.replace("\"patchSize=8\"", "\"P=8\""), run))
        .contains("no arm \"P=8\"", "patchSize=4");
    assertThat(cellFailure("ablate", BODY, run, "--as=int")).contains("\"int\" cannot name");
    assertThat(cellFailure("ablate", BODY, run, "--seed=3")).contains("'--seed=3'", "--run");
    assertThat(failure("study", nothing.toString())).contains("nothing");
    assertThat(nothing).doesNotExist();
    assertThat(kernel.shown).isEmpty();
  }

  @Test
  void aSweepIsWhatDiffersInOneNumber() {
    assertThat(StudyView.sweep(arms("P=4", "P=16", "other")).orElseThrow().doubleColumn("P"))
        .containsExactly(4.0, 16.0);
    assertThat(StudyView.sweep(arms("P=4", "other"))).isEmpty();
    assertThat(StudyView.sweep(arms("P=4", "Q=4"))).isEmpty();
    assertThat(StudyView.sweep(arms("P=4, Q=1", "P=8, Q=1"))).isEmpty();
    assertThat(StudyView.sweep(arms("kind=a", "kind=b", "kind=e-"))).isEmpty();
    assertThat(StudyView.sweep(arms("dropout=0", "dropout=0.1"))).isEmpty(); // no doubling of 0
  }

  private static Table arms(String... names) {
    return Table.create(
        StringColumn.create("arm", names), DoubleColumn.create("mean", new double[names.length]));
  }
}
