package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.megalab.notebook.KernelMessage;

/** Training in a cell of a real kernel: watched, interrupted, gone on with. */
class TrainingCellTest extends KernelFixture {

  private static final Duration TWO_SECONDS = Duration.ofSeconds(2);

  private static final String MODEL =
      """
      %%model megabyte --preset tiny
      {"contextLength": 32, "patchSize": 8,
       "global": {"modelDim": 16, "layers": 1, "heads": 2},
       "local": {"modelDim": 8, "layers": 1, "heads": 2}}
      """;

  @BeforeEach
  void textAndModel() throws Exception {
    for (String cell : List.of("%dataset latex", MODEL)) {
      Ran ran = run(cell);
      assertThat(ran.status()).as(ran.reply().content().toString()).isEqualTo("ok");
    }
  }

  /** Interrupts a cell that would run for hours, after some updates of its progress. */
  private Ran interruptAfterUpdates(String code, int updates) throws Exception {
    // The step under way ends within two seconds; a checkpoint is then written.
    Ran ran = interruptAfter(code, "update_display_data", updates, TWO_SECONDS);
    assertThat(ran.reply().text("ename")).isEqualTo("Interrupted");
    return ran;
  }

  private long number(String expression) throws Exception {
    Ran ran = run(expression);
    assertThat(ran.status()).as(expression + ": " + ran.traceback()).isEqualTo("ok");
    return Long.parseLong(ran.result());
  }

  @Test
  void interruptedTrainingKeepsEverythingAndGoesOn() throws Exception {
    Ran ran =
        interruptAfterUpdates("%train --steps 10000000 --batch-size 2 --run \"runs/long one\"", 3);
    assertThat(ran.stdout()).contains("To go on: %train --resume \"runs/long one\"");
    assertThat(run("run.interrupted()").result()).isEqualTo("true");
    long reached = number("run.checkpoints().get(0)");
    assertThat(reached).isPositive();
    assertThat(number("run.metrics().rowCount()")).isEqualTo(reached);
    assertThat(run("%evaluate --split test").status()).isEqualTo("ok");
    assertThat(run("%plot").status()).isEqualTo("ok");

    interruptAfterUpdates("%train --resume \"runs/long one\"", 2);
    long later = number("run.checkpoints().get(run.checkpoints().size() - 1)");
    assertThat(later).isGreaterThan(reached);
    assertThat(number("run.metrics().rowCount()")).isEqualTo(later);
  }

  @Test
  void runsWithoutANameGoToDirectoriesOfTheirOwn() throws Exception {
    Ran first = run("%train --steps 2 --batch-size 2 --as one");
    assertThat(first.status()).as(first.traceback()).isEqualTo("ok");
    assertThat(run("%train --steps 2 --batch-size 2 --as two").status()).isEqualTo("ok");
    assertThat(run("one.directory().equals(two.directory())").result()).isEqualTo("false");
    assertThat(run("one.directory().getParent()").result()).isEqualTo("runs");
  }

  @Test
  void plainJavaTrainingInACellIsInterruptedToo() throws Exception {
    interruptAfterUpdates(
        """
        var own = Training.builder().setModel(model).setData(corpus)
            .setConfig(TrainingConfig.builder().setSteps(10_000_000).optBatchSize(2).build())
            .setDirectory(Path.of("runs/java")).build().run();
        """,
        2);
    assertThat(number("Run.open(Path.of(\"runs/java\")).checkpoints().size()")).isEqualTo(1);
  }

  @Test
  void generationIsInterrupted() throws Exception {
    String id = kernel.sendExecute("%generate \"a\" --bytes 100000000", true);
    long[] asked = {0};
    KernelMessage reply =
        kernel.await(
            id,
            LIMIT,
            message -> {
              if (message.type().equals("stream") && asked[0] == 0) {
                asked[0] = System.nanoTime();
                kernel.interrupt();
              }
            });
    assertThat(Duration.ofNanos(System.nanoTime() - asked[0])).isLessThan(TWO_SECONDS);
    assertThat(reply.text("ename")).isEqualTo("Interrupted");
    assertThat(run("%generate \"a\" --bytes 10").status()).isEqualTo("ok");
  }

  @Test
  void progressIsOneDisplayThatDoesNotFlood() throws Exception {
    long start = System.nanoTime();
    Ran ran = interruptAfterUpdates("%train --steps 10000000 --batch-size 2 --run runs/calm", 6);
    double seconds = (System.nanoTime() - start) / 1e9;
    List<KernelMessage> updates =
        ran.published().stream().filter(m -> m.type().equals("update_display_data")).toList();
    assertThat((double) updates.size()).isLessThanOrEqualTo(3 * seconds + 1);
    List<String> ids =
        ran.published().stream()
            .filter(m -> m.type().endsWith("display_data"))
            .map(m -> m.content().get("transient"))
            .filter(fleeting -> fleeting != null && fleeting.getAsJsonObject().has("display_id"))
            .map(fleeting -> fleeting.getAsJsonObject().get("display_id").getAsString())
            .distinct()
            .toList();
    assertThat(ids).hasSize(1);
  }

  @Test
  void wrongInputIsAnErrorOfTheCell() throws Exception {
    Ran ran = run("%trian --steps 5");
    assertThat(ran.reply().text("evalue")).contains("There is no magic %trian", "%train");
    ran = run("%train --stpes 5");
    assertThat(ran.reply().text("evalue")).contains("did you mean --steps?");
    ran = run("%%modell megabyte\n{}");
    assertThat(ran.reply().text("evalue")).contains("no magic %%modell", "%%model");
    ran = run("%%model megabyte\n{\n  \"patchSize\" 8\n}");
    assertThat(ran.reply().text("evalue")).contains("malformed JSON", "line 2");
    assertThat(run("model.config().contextLength()").result()).isEqualTo("32");
  }
}
