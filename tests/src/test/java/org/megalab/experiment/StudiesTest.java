package org.megalab.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tablesaw.api.Table;

class StudiesTest extends StudyFixture {

  static List<String> names() {
    return Studies.names();
  }

  /** Every study as it is, but for two steps and few bytes that are scored. */
  @ParameterizedTest
  @MethodSource("names")
  void everyStudyRuns(String name) {
    StudyBuilder builder =
        Studies.named(name)
            .setDirectory(folder)
            .optSteps(2)
            .optSeeds(1)
            .optListener(StudyListener.NONE);
    if (!name.equals("megabyte-scan")) {
      builder.setData(corpus());
    }
    Study study = builder.build();
    assertThat(study.arms()).hasSizeBetween(2, 12);
    Table table = study.run().table();
    assertThat(table.stringColumn("error").unique().asList()).containsExactly("");
    assertThat(table.intColumn("seeds").unique().asList()).containsExactly(1);
    assertThat(table.doubleColumn("mean").asList())
        .as("arms differ")
        .doesNotHaveDuplicates()
        .allMatch(cost -> cost > 2 && cost < 9);
    assertThat(Studies.about(name)).isNotBlank();
  }

  /** As they are given, they are complete but for the directory, and open by that alone. */
  @ParameterizedTest
  @MethodSource("names")
  void everyStudyHasATextForm(String name) {
    Study study = Studies.named(name).setDirectory(folder).build();
    assertThat(study.name()).isEqualTo(name);
    assertThat(study.runs()).allMatch(run -> run.error().isEmpty());
    Outcome.writeAtomically(folder.resolve(Study.FILE), study.toJson());
    Study opened = Study.open(folder);
    assertThat(opened.toJson()).isEqualTo(study.toJson());
    assertThat(opened.runs().stream().map(run -> hash(run)).toList())
        .isEqualTo(study.runs().stream().map(run -> hash(run)).toList());
  }

  private static String hash(StudyRun run) {
    Trial trial = run.trial();
    return trial == null ? run.error() : trial.hash() + trial.inference();
  }

  @Test
  void equalOperationsAreEqual() {
    for (String name : List.of("megabyte-patch-size", "megabyte-components", "architectures")) {
      List<Double> flops =
          Studies.named(name).setDirectory(folder).build().runs().stream()
              .map(StudyRun::trial)
              .map(t -> t.bytesPerStep() * t.training().steps() * t.trainingFlopsPerByte())
              .toList();
      double first = flops.get(0);
      assertThat(flops).as(name).allMatch(f -> Math.abs(f / first - 1) < 0.02);
    }
  }

  @Test
  void anUnknownStudyIsNamed() {
    assertThatThrownBy(() -> Studies.named("chess"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("chess", "megalodon-norm");
  }
}
