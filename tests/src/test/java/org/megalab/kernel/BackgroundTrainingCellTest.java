package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.notebook.KernelClient;
import org.megalab.notebook.KernelMessage;
import org.megalab.train.Run;

/** A training in the background of a real kernel, while cells run, end and are interrupted. */
class BackgroundTrainingCellTest extends KernelFixture {

  private static final String MODEL =
      """
      %%model megabyte --preset tiny
      {"contextLength": 32, "patchSize": 8,
       "global": {"modelDim": 16, "layers": 1, "heads": 2},
       "local": {"modelDim": 8, "layers": 1, "heads": 2}}
      """;

  private static final String TRAIN = "%train --background --steps 10000000 --batch-size 2 --run ";

  @BeforeEach
  void textAndModel() throws Exception {
    ok("%stop --all");
    ok("%dataset latex");
    ok(MODEL);
  }

  private Ran ok(String code) throws Exception {
    Ran ran = run(code);
    assertThat(ran.status()).as(code + ran.reply().content()).isEqualTo("ok");
    return ran;
  }

  private static String displayId(KernelMessage message) {
    return message.content().getAsJsonObject("transient").get("display_id").getAsString();
  }

  @Test
  void cellsRunMeanwhileAndTheDisplayStaysInItsCell() throws Exception {
    String training = kernel.sendExecute(TRAIN + "runs/live", true);
    Ran started = await(training);
    assertThat(started.status()).isEqualTo("ok");
    String display =
        started.published().stream()
            .filter(m -> m.type().equals("display_data"))
            .map(BackgroundTrainingCellTest::displayId)
            .findFirst()
            .orElseThrow();
    String other = kernel.sendExecute("Thread.sleep(3000); 6 * 7", true);
    List<String> updated = new ArrayList<>();
    assertThatThrownBy( // what belongs to the training's cell, which is idle already
            () ->
                kernel.await(
                    training, Duration.ofSeconds(2), message -> updated.add(displayId(message))))
        .isInstanceOf(TimeoutException.class);
    assertThat(updated).hasSizeBetween(1, 6).containsOnly(display);
    assertThat(await(other).result()).isEqualTo("42");
    assertThat(ok("run.metrics().rowCount() > 2").result()).isEqualTo("true");
    assertThat(ok("%generate \"one\" --bytes 20").stdout()).contains("one");
    assertThat(ok("%runs").published().toString()).contains("running as run");
    assertThat(ok("%stop").stdout()).contains("run: stopped; to go on: %train --resume runs/live");
    assertThat(
            ok("run.checkpoints().get(run.checkpoints().size() - 1) == run.metrics().rowCount()")
                .result())
        .isEqualTo("true");
    ok("%evaluate --split test");
  }

  @Test
  void theInterruptOfAnotherCellDoesNotEndIt() throws Exception {
    ok(TRAIN + "runs/kept");
    for (String endless : List.of("while (true) {}", "Thread.sleep(100_000)")) {
      String id = kernel.sendExecute(endless, true);
      Thread.sleep(300);
      kernel.interrupt();
      assertThat(kernel.await(id, LIMIT, message -> {}).text("status")).isEqualTo("error");
    }
    ok("int rows = run.metrics().rowCount();");
    ok("while (run.metrics().rowCount() < rows + 3) { Thread.sleep(20); }");
    assertThat(ok("%runs").published().toString()).contains("running as run");
    ok("%stop");
  }

  @Test
  void theEndOfTheKernelEndsItWithACheckpoint(@TempDir Path folder) throws Exception {
    KernelClient other = KernelClient.start(KernelSpec::command, folder, Map.of());
    for (String cell :
        List.of(
            "%dataset latex",
            MODEL,
            TRAIN + "runs/last",
            "while (run.metrics().rowCount() < 3) { Thread.sleep(20); }")) {
      String id = other.sendExecute(cell, true);
      assertThat(other.await(id, LIMIT, message -> {}).text("status")).isEqualTo("ok");
    }
    other.close();
    Run run = Run.open(folder.resolve("runs/last"));
    assertThat(run.newestCheckpoint()).isEqualTo(run.metrics().rowCount()).isGreaterThan(2);
  }
}
