package org.megalab.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.Split;
import org.megalab.data.file.Document;
import org.megalab.evaluate.Measurement;
import org.megalab.model.SequenceModel;
import org.megalab.train.Training;
import org.megalab.train.TrainingConfig;

/**
 * The time from update to update of a training run as users start it: with its data loader, clipped
 * gradients, metrics and progress. The model learns; the run's directory is deleted.
 */
final class TrainingLoop {

  private TrainingLoop() {}

  static Measurement measure(
      SequenceModel model, int batch, int length, @Nullable Split split, StepSettings step) {
    int updates = step.warmUp() + step.steps() + 1;
    List<Long> ends = new ArrayList<>();
    Path directory = directory();
    try {
      Training.builder()
          .setModel(model)
          .setData(corpus(split, length))
          .setConfig(
              TrainingConfig.builder()
                  .setSteps(updates)
                  .optBatchSize(batch)
                  .optWindowLength(length)
                  .optPrecision(step.precision())
                  .optRecomputeLayers(step.recomputeLayers())
                  .optLossSlice(step.lossSlice())
                  .build())
          .setDirectory(directory)
          .optListener(progress -> ends.add(System.nanoTime()))
          .build()
          .run();
    } finally {
      delete(directory);
    }
    BenchmarkProgress.requireGoingOn();
    List<Double> seconds = new ArrayList<>();
    for (int i = step.warmUp() + 1; i < ends.size(); i++) {
      seconds.add((ends.get(i) - ends.get(i - 1)) / 1e9);
    }
    return new Measurement(seconds);
  }

  /** Without a validation split, so that nothing is evaluated. */
  private static Corpus corpus(@Nullable Split split, int length) {
    if (split != null) {
      return Corpus.of("benchmark", split.documents(), List.of(), List.of());
    }
    byte[] bytes = new byte[2 * length];
    new Random(1).nextBytes(bytes);
    return Corpus.of("benchmark", List.of(Document.of("random", bytes)), List.of(), List.of());
  }

  private static Path directory() {
    try {
      return Files.createTempDirectory("megalab-benchmark-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
