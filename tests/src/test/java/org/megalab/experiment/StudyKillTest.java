package org.megalab.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

/** A study of six arms and three seeds that is killed loses nothing that it had done. */
class StudyKillTest extends StudyFixture {

  private static final int[] UPDATES_BEFORE_KILL = {0, 9, 25, 31};

  @Test
  void aStudyThatIsKilledEndsWithTheTableOfOneThatNeverWas() throws Exception {
    Path killed = folder.resolve("killed");
    Random random = new Random(3);
    Set<String> told = new HashSet<>();
    int repeated = 0;
    for (int updates : UPDATES_BEFORE_KILL) {
      Process process = start(killed);
      try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
        for (int i = 0; i < updates; i++) {
          String line = output.readLine();
          assertThat(line).as("the process ended by itself").isNotNull();
          repeated += told.add(line) ? 0 : 1;
        }
        Thread.sleep(updates == 0 ? 500 : random.nextInt(60));
        process.toHandle().destroyForcibly(); // SIGKILL
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          repeated += told.add(line) ? 0 : 1;
        }
      }
      assertThat(process.waitFor()).isEqualTo(128 + 9);
    }
    Study again = Study.open(killed, corpus());
    Table half = again.result().table();
    assertThat(half.intColumn("seeds").sum()).isBetween(3.0, 16.0);
    StudyResult whole = KilledStudy.study(folder.resolve("whole")).build().run();
    StudyResult ended = again.run();
    assertThat(Files.readString(killed.resolve(StudyResult.TABLE)))
        .isEqualTo(Files.readString(folder.resolve("whole").resolve(StudyResult.TABLE)));
    assertThat(timeless(ended.runs())).isEqualTo(timeless(whole.runs()));
    assertThat(ended.table().intColumn("seeds").asList()).containsExactly(0, 3, 3, 3, 3, 3, 3);
    for (StudyRun run : again.runs()) {
      if (run.trial() != null) {
        Table a = whole.run(run.arm(), run.seed()).metrics().removeColumns("seconds");
        Table b = ended.run(run.arm(), run.seed()).metrics().removeColumns("seconds");
        assertThat(b.write().toString("csv")).as(run.name()).isEqualTo(a.write().toString("csv"));
      }
    }
    // A kill costs the updates since the newest checkpoint, every second one, and the last told.
    assertThat(repeated).isLessThanOrEqualTo(2 * UPDATES_BEFORE_KILL.length);
  }

  private static Process start(Path directory) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
            java,
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            KilledStudy.class.getName(),
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
