package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.megalab.notebook.KernelMessage;

/** A study in a cell of a real kernel: watched, interrupted, gone on with, and looked at. */
@Timeout(180)
class StudyCellTest extends KernelFixture {

  private static final String STUDY =
      """
      %%ablate patch-size
      {"model": {"architecture": "megabyte", "preset": "tiny", "contextLength": 32,
                 "global": {"modelDim": 16, "layers": 1, "heads": 2},
                 "local": {"modelDim": 8, "layers": 1, "heads": 2}},
       "data": "latex", "training": {"steps": 60, "batchSize": 2},
       "seeds": 2, "base": "patchSize=8", "grid": {"patchSize": [4, 8]}}
      """;

  private static String html(KernelMessage message) {
    return message.content().getAsJsonObject("data").get("text/html").getAsString();
  }

  @Test
  void aStudyIsInterruptedAndTheSameCellGoesOn() throws Exception {
    Ran cut = interruptAfter(STUDY, "update_display_data", 1, Duration.ofSeconds(5));
    assertThat(cut.reply().text("ename")).isEqualTo("Interrupted");
    assertThat(cut.stdout()).contains("Run the cell again to go on.");
    assertThat(run("result.runs().rowCount() < 4").result()).isEqualTo("true");

    List<KernelMessage> all = new ArrayList<>();
    KernelMessage reply =
        kernel.await(kernel.sendExecute(STUDY, true), Duration.ofSeconds(150), all::add);
    Ran ran = new Ran(reply, all);
    assertThat(ran.status()).as(reply.content().toString()).isEqualTo("ok");
    assertThat(ran.stdout()).contains("patch-size: 4 of 4 runs in runs/patch-size");
    List<KernelMessage> displays =
        all.stream().filter(message -> message.type().endsWith("display_data")).toList();
    assertThat(
            displays.stream()
                .map(message -> message.content().getAsJsonObject("transient").get("display_id"))
                .distinct())
        .hasSize(1);
    assertThat(html(displays.get(0))).contains("<progress");
    assertThat(html(displays.get(displays.size() - 1)))
        .contains("<img alt='Bits per byte'", "<img alt='Bits per byte against patchSize'")
        .doesNotContain("<progress");
    assertThat(run("result.run(\"patchSize=4\", 1).metrics().rowCount()").result()).isEqualTo("60");
    assertThat(run("%runs runs/patch-size").published().toString()).contains("patchSize=8/seed-2-");
    assertThat(run("%study runs/patch-size --show").status()).isEqualTo("ok");
    assertThat(run("%who").published().toString()).contains("studies", "patch-size");
  }
}
