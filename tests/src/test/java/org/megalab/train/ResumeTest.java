package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.megalab.data.Corpus;
import org.megalab.data.file.Document;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.SequenceModel;

/** Runs that were stopped, cut off or damaged. */
class ResumeTest extends TrainingFixture {
  @Test
  void resumedRunIsTheUninterruptedRunBitForBit() throws Exception {
    try (SequenceModel whole = model();
        SequenceModel stopped = model()) {
      training(whole, config(13), "whole", TrainingListener.NONE).run();
      // Stopped by an interrupt in step 6; dropout is on.
      Run run = training(stopped, config(13), "stopped", p -> interruptAt(p, 6)).run();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(run.interrupted()).isTrue();
      assertThat(run.checkpoints()).contains(6L);
      Training resumed = Training.resume(folder.resolve("stopped"), corpus());
      assertThat(resumed.run().interrupted()).isFalse();
      assertThat(metrics(folder.resolve("stopped")))
          .isEqualTo(metrics(folder.resolve("whole")))
          .hasSize(13);
      whole
          .namedParameters()
          .forEach(
              (name, p) ->
                  assertThat(resumed.model().weight(name).contentEquals(p.getArray()))
                      .as(name)
                      .isTrue());
      assertThat(run.checkpoints()).containsExactly(8L, 12L, 13L);
      // Also from an older checkpoint, whose later metrics are dropped.
      Training again = Training.resume(folder.resolve("stopped"), corpus(), 8);
      assertThat(run.checkpoints()).containsExactly(8L);
      assertThat(metrics(folder.resolve("stopped"))).hasSize(8);
      again.run();
      assertThat(metrics(folder.resolve("stopped"))).isEqualTo(metrics(folder.resolve("whole")));
      resumed.model().close();
      again.model().close();
    }
  }

  @Test
  void anInterruptedEvaluationIsMadeUpFor() throws Exception {
    try (SequenceModel whole = model();
        SequenceModel stopped = model()) {
      training(whole, config(10), "whole", TrainingListener.NONE).run();
      // A document whose reading interrupts the thread: the evaluation after step 5 is cut short.
      var armed = new java.util.concurrent.atomic.AtomicBoolean(true);
      Runnable interrupts =
          () -> {
            if (armed.get()) {
              Thread.currentThread().interrupt();
            }
          };
      Document trap = new WatchedDocument(corpus().validation().documents().get(0), interrupts);
      Corpus corpus = Corpus.of("whales", corpus().train().documents(), List.of(trap), List.of());
      Training first =
          Training.builder()
              .setModel(stopped)
              .setData(corpus)
              .setConfig(config(10))
              .setDirectory(folder.resolve("stopped"))
              .optListener(TrainingListener.NONE)
              .build();
      Run run = first.run();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(run.interrupted()).isTrue();
      assertThat(metrics(folder.resolve("stopped"))).hasSize(4);
      assertThat(run.checkpoints()).contains(5L);
      assertThatThrownBy(first::run)
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("has run already");
      Training second = Training.resume(folder.resolve("stopped"), corpus());
      armed.set(false);
      assertThat(second.run().interrupted()).isFalse();
      second.model().close();
      assertThat(metrics(folder.resolve("stopped"))).isEqualTo(metrics(folder.resolve("whole")));
    }
  }

  @Test
  void interruptedModelIsUsable() {
    try (SequenceModel model = model();
        NDManager manager = NDManager.newBaseManager()) {
      training(model, config(100), "run", p -> interruptAt(p, 2)).run();
      assertThat(Thread.interrupted()).isTrue();
      NDArray loss =
          model.perByteLoss(
              SequenceModel.ids(manager, "the whale".getBytes(StandardCharsets.UTF_8)));
      assertThat(loss.isNaN().any().getBoolean()).isFalse();
    }
  }

  @Test
  void badInputIsNamedAndLosesNothing() throws Exception {
    try (SequenceModel model = model()) {
      training(model, config(9), "first", TrainingListener.NONE).run();
      assertThatThrownBy(() -> training(model, config(5), "first", TrainingListener.NONE))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("already holds a run");
      Path file = Files.writeString(folder.resolve("file"), "x");
      assertThatThrownBy(() -> training(model, config(5), "file/run", TrainingListener.NONE))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("cannot be written");
      assertThat(file).content().isEqualTo("x");
      assertThatThrownBy(() -> Training.resume(folder.resolve("nowhere"), corpus()))
          .hasMessageContaining("holds no run");
      assertThatThrownBy(
              () ->
                  training(
                      model,
                      config(5).toBuilder().optWindowLength(64).build(),
                      "long",
                      TrainingListener.NONE))
          .hasMessageContaining("windowLength = 64");

      Path newest = folder.resolve("first/checkpoints/step-9/model.safetensors");
      try (RandomAccessFile bytes = new RandomAccessFile(newest.toFile(), "rw")) {
        bytes.seek(bytes.length() - 100);
        bytes.write(42);
      }
      assertThatThrownBy(() -> Training.resume(folder.resolve("first"), corpus()))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("step-9 is corrupt")
          .hasMessageContaining("[4, 8]");
      assertThat(metrics(folder.resolve("first"))).hasSize(9);
      assertThatThrownBy(() -> Training.resume(folder.resolve("first"), corpus(), 7))
          .hasMessageContaining("no checkpoint of step 7")
          .hasMessageContaining("[4, 8, 9]");
      Corpus other = Corpus.of("others", corpus().train().documents(), List.of(), List.of());
      assertThatThrownBy(() -> Training.resume(folder.resolve("first"), other, 8))
          .hasMessageContaining("others");
      Training.resume(folder.resolve("first"), corpus(), 8).model().close();
      MegabyteConfig letters = SMALL.toBuilder().optVocabularySize(26).build();
      try (SequenceModel small = letters.newModel().initialize(Device.cpu(), 1)) {
        assertThatThrownBy(() -> training(small, config(5), "letters", TrainingListener.NONE))
            .hasMessageContaining("vocabularySize = 26");
      }
      assertThatThrownBy(() -> model.initialize(Device.cpu(), 2))
          .hasMessageContaining("initialised already");
    }
  }

  @Test
  void aFinishedRunIsNotWrittenAgain() throws Exception {
    try (SequenceModel model = model()) {
      Run run = training(model, config(4), "finished", TrainingListener.NONE).run();
      assertThat(run.newestCheckpoint()).isEqualTo(4);
      Path state = folder.resolve("finished/checkpoints/step-4/state.json");
      Object before = Files.getAttribute(state, "lastModifiedTime");
      Training again = Training.resume(folder.resolve("finished"), corpus());
      again.run();
      again.model().close();
      assertThat(Files.getAttribute(state, "lastModifiedTime")).isEqualTo(before);
    }
  }

  @Test
  void metricsCutOffByAKillAreDropped() throws Exception {
    try (SequenceModel model = model()) {
      training(model, config(5), "killed", TrainingListener.NONE).run();
      Path metrics = folder.resolve("killed/metrics.jsonl");
      Files.writeString(metrics, Files.readString(metrics) + "{\"step\":6,\"by");
      assertThat(Run.open(folder.resolve("killed")).metrics().rowCount()).isEqualTo(5);
    }
  }
}
