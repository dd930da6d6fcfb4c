package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.megalab.model.SequenceModel;
import org.megalab.train.Run;
import tech.tablesaw.api.Table;

/** {@code %train --background} and {@code %stop}. */
class BackgroundTrainingTest extends MagicsFixture {

  @AfterEach
  void stopAll() throws Exception {
    line("stop", "--all");
  }

  private Run start(String name, String... more) throws Exception {
    List<String> arguments =
        new java.util.ArrayList<>(
            List.of("--background", "--steps=1000000", "--batch-size=2", "--as=" + name));
    arguments.add("--run=" + folder.resolve(name));
    arguments.addAll(List.of(more));
    return (Run) line("train", arguments.toArray(String[]::new));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private String newestUpdate() {
    List<DisplayData> updates = List.copyOf(kernel.updates);
    return updates.isEmpty() ? "" : as(updates.get(updates.size() - 1), "text/html");
  }

  private String state(String name) throws Exception {
    Table table = (Table) line("runs", folder.resolve(name).toString());
    return table.stringColumn("state").get(0);
  }

  @Test
  void itReturnsAtOnceAndItsDisplayGoesOn() throws Exception {
    Run run = start("live");
    assertThat(variable("live", Run.class)).isEqualTo(run);
    assertThat(kernel.shown).hasSize(1);
    String id = kernel.shown.get(0).getDisplayId();
    assertThat(as(kernel.shown.get(0), "text/plain"))
        .isEqualTo("in the background; %stop live ends it");
    await(() -> kernel.updates.size() >= 3);
    assertThat(List.copyOf(kernel.updates))
        .allSatisfy(data -> assertThat(data.getDisplayId()).isEqualTo(id));
    assertThat(newestUpdate()).contains("of 1000000", "%stop live ends it");
    await(() -> variableRows(run) > 2);
    assertThat(state("live")).isEqualTo("running as live");
    line("who");
    assertThat(as(kernel.shown.get(kernel.shown.size() - 3), "text/html"))
        .contains("in training as live");
    line("plot", "--run=live");
    line("generate", "one", "--bytes=20");
    line("evaluate");
  }

  private static int variableRows(Run run) {
    return run.metrics().rowCount();
  }

  @Test
  void stopLeavesACheckpointAndAModelThatIsThatCheckpoint() throws Exception {
    Run run = start("ended");
    await(() -> variableRows(run) > 2);
    Run stopped = (Run) line("stop");
    assertThat(stopped.interrupted()).isTrue();
    assertThat(variable("ended", Run.class)).isEqualTo(stopped);
    assertThat(stdout())
        .contains("ended: stopped; to go on: %train --resume " + folder.resolve("ended"));
    long step = stopped.newestCheckpoint();
    assertThat(stopped.metrics().rowCount()).isEqualTo(step);
    Object cost = line("evaluate");
    line("load", folder.resolve("ended").toString(), "reread");
    assertThat(line("evaluate", "--model=reread")).isEqualTo(cost);
    variable("reread", SequenceModel.class).close();
    assertThat(state("ended")).isEqualTo("unfinished");
    assertThat(newestUpdate()).contains("stopped; to go on");

    line("train", "--background", "--resume", folder.resolve("ended").toString(), "--as=more");
    Run more = variable("more", Run.class);
    await(() -> variableRows(more) > step + 2);
    line("stop", "more");
    assertThat(more.newestCheckpoint()).isGreaterThan(step);
  }

  @Test
  void itEndsByItselfLikeOneInTheForeground() throws Exception {
    cell("model", TINY, "megabyte", "--preset=tiny", "--as=twin");
    cell("model", TINY, "megabyte", "--preset=tiny", "--as=other");
    line(
        "train",
        "--steps=5",
        "--batch-size=2",
        "--model=twin",
        "--as=front",
        "--run=" + folder.resolve("front"));
    line(
        "train",
        "--steps=5",
        "--batch-size=2",
        "--model=other",
        "--as=back",
        "--background",
        "--run=" + folder.resolve("back"));
    await(() -> newestUpdate().contains("complete"));
    assertThat(newestUpdate()).contains("5 of 5");
    assertThat(state("back")).isEqualTo("complete");
    assertThat(variable("back", Run.class).metrics().doubleColumn("trainLoss").asList())
        .isEqualTo(variable("front", Run.class).metrics().doubleColumn("trainLoss").asList());
    assertThat(line("evaluate", "--model=other")).isEqualTo(line("evaluate", "--model=twin"));
    variable("twin", SequenceModel.class).close();
    variable("other", SequenceModel.class).close();
  }

  @Test
  void itsModelIsNotTrainedTwiceSavedOrFreedMeanwhile() throws Exception {
    SequenceModel before = model();
    Run run = start("busy");
    String busy = "in training in the background as busy; %stop busy ends that";
    assertThat(failure("train", "--steps=2", "--run=" + folder.resolve("second"))).contains(busy);
    assertThat(folder.resolve("second")).doesNotExist();
    assertThat(failure("train", "--steps=2", "--background")).contains(busy);
    assertThat(cellFailure("model", TINY, "megabyte", "--preset=tiny")).contains(busy);
    assertThat(failure("save", "model", folder.resolve("s").toString())).contains(busy);
    assertThat(failure("load", run.directory().toString())).contains(busy);
    assertThat(failure("bench", "training")).contains(busy);
    assertThat(model()).isSameAs(before);
    cell("model", TINY, "megabyte", "--preset=tiny", "--as=free");
    assertThat(failure("train", "--steps=2", "--model=free", "--as=busy"))
        .contains("a training runs as busy already", "--as");
    assertThat(failure("train", "--resume", run.directory().toString(), "--model=free"))
        .contains("the training busy writes to", "%stop busy");
    line("train", "--steps=2", "--batch-size=2", "--model=free", "--run=" + folder.resolve("free"));
    variable("free", SequenceModel.class).close();
  }

  @Test
  void severalRunAtOnceAndStopWantsAName() throws Exception {
    cell("model", TINY, "megabyte", "--preset=tiny", "--as=another");
    Run one = start("one");
    Run two = start("two", "--model=another");
    await(() -> variableRows(one) > 0 && variableRows(two) > 0);
    assertThat(failure("stop")).contains("several", "one in", "two in", "%stop NAME");
    assertThat(failure("stop", "three")).contains("no training \"three\"", "one in", "two in");
    assertThat(failure("stop", "one", "--all")).contains("either");
    line("stop", "one");
    assertThat(state("one")).isEqualTo("unfinished");
    assertThat(state("two")).isEqualTo("running as two");
    line("stop");
    assertThat(state("two")).isEqualTo("unfinished");
    assertThat(failure("stop", "two")).contains("no training \"two\"", "none does");
    line("stop");
    assertThat(stdout()).contains("Nothing runs in the background.");
    variable("another", SequenceModel.class).close();
  }

  @Test
  void itsFailureIsShownInItsDisplayAndItsRow() throws Exception {
    cell("model", TINY, "megabyte", "--preset=tiny", "--as=fragile");
    line(
        "train",
        "--background",
        "--steps=200",
        "--batch-size=2",
        "--learning-rate=1e30",
        "--warmup-steps=1",
        "--gradient-clip=0",
        "--model=fragile",
        "--as=failing",
        "--run=" + folder.resolve("failing"));
    await(() -> newestUpdate().contains("failed: "));
    assertThat(newestUpdate()).contains("the loss is", "try a smaller one");
    assertThat(state("failing")).startsWith("failed: ").contains("the loss is");
    line("stop");
    assertThat(stdout()).contains("Nothing runs");
    cell("model", TINY, "megabyte", "--preset=tiny", "--as=fragile"); // it is free again
    variable("fragile", SequenceModel.class).close();
  }

  @Test
  void aWrongOptionStartsNothing() throws Exception {
    Path nowhere = folder.resolve("nowhere");
    assertThat(failure("train", "--background", "--run=" + nowhere)).contains("--steps 500");
    assertThat(failure("train", "--backgruond", "--steps=2"))
        .contains("did you mean --background?");
    assertThat(nowhere).doesNotExist();
    assertThat(kernel.shown).isEmpty();
  }
}
