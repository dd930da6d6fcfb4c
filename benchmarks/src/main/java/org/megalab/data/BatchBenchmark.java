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
import java.util.stream.Stream;
import org.megalab.HotPath;
import org.megalab.model.SequenceModel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What a training step waits for before the model begins: windows of files, and their ids. */
public class BatchBenchmark extends HotPath {
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
