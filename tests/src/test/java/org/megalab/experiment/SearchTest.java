package org.megalab.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.megalab.evaluate.Inference;
import org.megalab.json.ConfigException;
import org.megalab.model.MegabyteConfig;
import org.megalab.train.Progress;
import tech.tablesaw.api.Table;

class SearchTest extends StudyFixture {

  private static RandomSearch search(long seed) {
    return RandomSearch.seed(seed)
        .values("patchSize", 4, 8)
        .integers("global.layers", 1, 3)
        .logarithmic("training.learningRate", 1e-4, 1e-2);
  }

  @Test
  void theSeedDecidesWhatIsDrawn() {
    List<Arm> arms = search(1).arms(200);
    assertThat(arms.stream().map(Arm::name)).doesNotHaveDuplicates();
    assertThat(search(1).arms(200)).isEqualTo(arms);
    assertThat(search(2).arms(200)).isNotEqualTo(arms);
    assertThat(search(1).arms(3)).isEqualTo(arms.subList(0, 3));
    Trial base = new Trial(SMALL, training(4), corpus(), Inference.BASIC);
    int low = 0;
    int[] layers = new int[4];
    for (Arm arm : arms) {
      Trial trial = arm.change().apply(base);
      MegabyteConfig model = (MegabyteConfig) trial.model();
      layers[model.global().layers()]++;
      assertThat(model.patchSize()).isIn(4, 8);
      double rate = trial.training().learningRate();
      assertThat(rate).isBetween(1e-4, 1e-2);
      assertThat(arm.name()).contains("patchSize=" + model.patchSize(), "learningRate=" + rate);
      low += rate < 1e-3 ? 1 : 0;
    }
    assertThat(layers[0]).isZero();
    // 200 draws of 1/3 and of 1/2: within four standard deviations.
    IntStream.of(layers).skip(1).forEach(n -> assertThat(n).isBetween(40, 94));
    assertThat(low).isBetween(72, 128);
  }

  @Test
  void theTextFormDrawsTheSame() {
    Study study =
        Study.ofJson(
            """
            {"model": {"architecture": "megabyte", "preset": "tiny"}, "data": "books",
             "training": {"steps": 2},
             "random": {"arms": 9, "seed": 5, "space": {"patchSize": [4, 8],
               "global.layers": {"integers": [1, 3]},
               "training.learningRate": {"logarithmic": [1e-4, 1e-2]}}}}
            """,
            folder);
    assertThat(study.arms()).isEqualTo(search(5).arms(9));
    assertThatThrownBy(
            () ->
                Study.builder(
                    """
                    {"model": {"architecture": "megabyte", "preset": "tiny"}, "data": "books",
                     "training": {"steps": 2}, "random": {"arms": 9, "space": {"patchSize": {"normal": [4, 8]}}}}
                    """))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("patchSize", "normal", "logarithmic");
  }

  @Test
  void aSpaceThatIsTooSmallIsNamed() {
    assertThat(RandomSearch.seed(1).values("patchSize", 2, 4, 8).arms(3)).hasSize(3);
    assertThatThrownBy(() -> RandomSearch.seed(1).values("patchSize", 2, 4, 8).arms(4))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("only 3");
    assertThatThrownBy(() -> RandomSearch.seed(1).arms(1)).hasMessageContaining("at least one");
    assertThatThrownBy(() -> RandomSearch.seed(1).logarithmic("x", 0, 1))
        .hasMessageContaining("\"x\"");
    assertThatThrownBy(() -> search(1).values("patchSize", 2)).hasMessageContaining("twice");
  }

  @Test
  void theBestArmsGetMore() throws Exception {
    Study study = halving(StudyListener.NONE).build();
    StudyResult newest = study.run();
    SuccessiveHalving.Result result = newest.search().orElseThrow();
    // Of eight arms four fail; ⌈8/2⌉ = 4 stay, then 2, then 1.
    assertThat(result.rungs()).hasSize(3);
    assertThat(result.kept().stream().map(List::size)).containsExactly(4, 2, 1);
    for (int r = 0; r < 3; r++) {
      Table runs = result.rungs().get(r).runs();
      assertThat(runs.longColumn("steps").removeMissing().unique().asList())
          .containsExactly(3L << r);
    }
    Table first = result.rungs().get(0).table();
    List<Double> means = first.doubleColumn("mean").removeMissing().asList();
    double second = means.stream().sorted().toList().get(1);
    Table table = result.table();
    Table survivors = table.where(table.intColumn("rung").isEqualTo(1));
    assertThat(survivors.rowCount()).isEqualTo(4);
    Table last = table.where(table.intColumn("rung").isEqualTo(2));
    assertThat(last.rowCount()).isEqualTo(2);
    assertThat(second).isLessThan(means.stream().max(Double::compare).orElseThrow());
    double best = last.doubleColumn("mean").min();
    assertThat(last.where(last.doubleColumn("mean").isEqualTo(best)).stringColumn("arm"))
        .containsExactly(result.best().orElseThrow().name());
    assertThat(result.best().orElseThrow().name()).contains("0.00");
    assertThat(Files.readAllLines(folder.resolve("rungs.csv"))).hasSize(1 + 8 + 4 + 2);
    assertThat(newest.table().stringColumn("arm").asList())
        .isEqualTo(last.stringColumn("arm").asList());
    assertThat(newest.study().name()).isEqualTo("whales, rung 2");
    String rungs = table.write().toString("csv");
    Count count = new Count();
    assertThat(rungs(halving(count).build().run())).isEqualTo(rungs);
    assertThat(count.begun).isEmpty();
    // Its directory is the search, also where it is only read.
    Study opened = Study.open(folder, corpus());
    assertThat(opened.toJson()).isEqualTo(study.toJson());
    assertThat(rungs(opened.result())).isEqualTo(rungs);
  }

  private StudyBuilder halving(StudyListener listener) {
    return study(folder)
        .addGrid("training.learningRate", 1e-6, 1e-3, 3e-3, 1e-5)
        .addGrid("patchSize", 4, 5)
        .optHalving(Budget.steps(3), 2)
        .optListener(listener);
  }

  private static String rungs(StudyResult result) {
    return result.search().orElseThrow().table().write().toString("csv");
  }

  @Test
  void aSearchThatIsInterruptedGoesOnInItsRung() {
    String whole =
        rungs(halving(StudyListener.NONE).setDirectory(folder.resolve("whole")).build().run());
    Count count =
        new Count() {
          @Override
          public void onProgress(String run, Progress training, StudyProgress study) {
            super.onProgress(run, training, study);
            if (updates.size() == 4 * 3 + 8) { // in the second arm of the second rung
              Thread.currentThread().interrupt();
            }
          }
        };
    StudyResult cut = halving(count).setDirectory(folder.resolve("cut")).build().run();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(cut.search().orElseThrow().kept().stream().map(List::size)).containsExactly(4, 0);
    assertThat(cut.search().orElseThrow().best()).isEmpty();
    StudyResult half = Study.open(folder.resolve("cut"), corpus()).result();
    assertThat(half.search().orElseThrow().kept().stream().map(List::size)).containsExactly(4, 0);
    StudyResult ended = Study.open(folder.resolve("cut"), corpus()).run();
    assertThat(rungs(ended)).isEqualTo(whole);
  }

  @Test
  void theTextFormOfASearchIsStrict() {
    String study =
        """
        {"model": {"architecture": "megabyte", "preset": "tiny"}, "data": "books",
         "grid": {"patchSize": [4, 8]}, "halving": %s}
        """;
    Study read =
        Study.ofJson(study.formatted("{\"budget\": {\"bytes\": 512}, \"eta\": 3}"), folder);
    assertThat(read.plan().halving()).isEqualTo(new SuccessiveHalving(Budget.bytes(512), 3));
    assertThat(read.toJson()).contains("\"halving\"").doesNotContain("\"budget\": null");
    for (String wrong :
        List.of(
            "{\"budget\": {\"bytes\": 512}, \"eta\": 1}",
            "{\"budget\": {\"bytes\": 512}, \"eta\": 2.5}",
            "{\"budget\": \"bytes\", \"eta\": 2}",
            "{\"budget\": {\"bytes\": 512}}",
            "2",
            "{\"budget\": {\"bytes\": 512}, \"eta\": 2}, \"budget\": {\"bytes\": 512}")) {
      assertThatThrownBy(() -> Study.builder(study.formatted(wrong)))
          .as(wrong)
          .isInstanceOf(ConfigException.class)
          .message()
          .containsAnyOf("eta", "halving");
    }
    assertThatThrownBy(() -> halving(StudyListener.NONE).optSteps(3))
        .hasMessageContaining("leave 3 steps out");
  }
}
