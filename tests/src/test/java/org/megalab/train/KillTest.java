package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.megalab.interop.ModelFile;
import org.megalab.interop.Safetensors;
import org.megalab.model.SequenceModel;

/** A process that is killed loses nothing that it had done. */
class KillTest extends TrainingFixture {

  private static final int KILLS = 20;
  private static final int STEPS = 2500;

  @Test
  void aRunThatIsKilledAgainAndAgainIsTheRunThatNeverWas() throws Exception {
    Path killed = folder.resolve("killed");
    Random random = new Random(4);
    long reached = 0;
    int kills = 0;
    while (kills < KILLS) {
      long before = reached;
      Process process = start(killed);
      try (BufferedReader told = process.inputReader(StandardCharsets.UTF_8)) {
        // Some are killed before or in their first step, most between two of the following.
        int wait = kills % 5 == 0 ? 0 : 1 + random.nextInt(40);
        for (int i = 0; i < wait; i++) {
          String line = told.readLine();
          assertThat(line).as("the process ended by itself").isNotNull();
          reached = Long.parseLong(line);
        }
        Thread.sleep(wait == 0 ? 600 + random.nextInt(1500) : random.nextInt(8));
        process.toHandle().destroyForcibly(); // SIGKILL; what was told can still be read
        for (String line = told.readLine(); line != null; line = told.readLine()) {
          reached = line.matches("\\d+") ? Math.max(reached, Long.parseLong(line)) : reached;
        }
      }
      assertThat(process.waitFor()).isEqualTo(128 + 9);
      kills++;
      if (reached > 0) {
        // The step that was told may have been the one whose checkpoint was not complete yet.
        assertThat(Run.open(killed).newestCheckpoint()).isGreaterThanOrEqualTo(reached);
      }
      assertThat(reached).isGreaterThanOrEqualTo(before);
    }
    finishAndCompare(killed);
  }

  private void finishAndCompare(Path killed) throws IOException {
    long at = Run.open(killed).newestCheckpoint();
    assertThat(at).isLessThan(STEPS);
    int enough = (int) at + 10;
    Path whole = folder.resolve("whole");
    try (SequenceModel one = model();
        SequenceModel two = model()) {
      // Both runs are stopped at the same step, long before the last.
      TrainingListener stop = progress -> interruptAt(progress, enough);
      training(one, KilledTraining.config(STEPS), "whole", stop).run();
      assertThat(Thread.interrupted()).isTrue();
      Training.resume(killed, corpus(), at, two, stop).run();
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(metrics(killed)).isEqualTo(metrics(whole)).hasSize(enough);
    Run first = Run.open(whole);
    Run second = Run.open(killed);
    assertThat(second.checkpoints()).isEqualTo(first.checkpoints()).contains((long) enough);
    assertThat(second.bestCheckpoint()).isEqualTo(first.bestCheckpoint());
    for (String file : List.of("model", "optimizer", "average")) {
      String path = "checkpoints/step-" + enough + "/" + file + ".safetensors";
      Safetensors a = Safetensors.open(whole.resolve(path));
      Safetensors b = Safetensors.open(killed.resolve(path));
      assertThat(b.names()).isEqualTo(a.names());
      for (String name : a.names()) {
        assertThat(b.floats(name)).as(name).containsExactly(a.floats(name));
      }
    }
    try (SequenceModel averaged = second.load(Device.cpu());
        SequenceModel raw =
            ModelFile.load(
                killed.resolve("checkpoints/step-" + enough + "/model.safetensors"),
                Device.cpu())) {
      assertThat(averaged.weight("localPad.weight").toFloatArray())
          .isNotEqualTo(raw.weight("localPad.weight").toFloatArray());
    }
  }

  private static Process start(Path directory) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder =
        new ProcessBuilder(
            java,
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            KilledTraining.class.getName(),
            directory.toString(),
            String.valueOf(STEPS));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return builder.start();
  }
}
