package org.megalab.data;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.megalab.model.SequenceModel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a training step waits for before the model begins: windows of files, and their ids. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchBenchmark {
  private static final int BATCH = 8;
  private static final int DOCUMENTS = 16;

  /** T, the bytes of a window. */
  @Param({"256", "8192"})
  int length;

  private Path folder;
  private RandomWindows windows;
  private byte[][] rows;
  private NDManager manager;
  private long step;

  @Setup
  public void setUp() throws IOException {
    folder = Files.createTempDirectory("megalab-benchmark-");
    Files.createDirectories(folder.resolve("train"));
    Random random = new Random(1);
    for (int i = 0; i < DOCUMENTS; i++) {
      byte[] text = new byte[1 << 18];
      random.nextBytes(text);
      Files.write(folder.resolve("train/" + i + ".txt"), text);
    }
    windows = new RandomWindows(Corpus.open(folder).train(), length, BATCH, 1);
    rows = windows.batch(0);
    manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
  }

  @TearDown
  public void tearDown() throws IOException {
    manager.close();
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : all) {
        Files.delete(file);
      }
    }
  }

  /** Reads the rows of a step. */
  @Benchmark
  public byte[][] windows() {
    return windows.batch(step++);
  }

  /** Makes an array of the rows of a step. */
  @Benchmark
  public void ids() {
    SequenceModel.ids(manager, rows).close();
  }
}
