package org.megalab.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.megalab.HotPath;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What reading a checkpoint costs: its header, and an array of 4 MiB. */
public class SafetensorsBenchmark extends HotPath {

  /** The arrays of the file. */
  @Param({"16", "512"})
  int arrays;

  private Path file;
  private Safetensors open;

  @Setup
  public void setUp() throws IOException {
    file = Files.createTempFile("megalab-benchmark-", ".safetensors");
    SafetensorsWriter writer = new SafetensorsWriter();
    writer.floats("large", new float[1 << 20], 1 << 20);
    for (int i = 0; i < arrays; i++) {
      writer.floats("stack.layers." + i + ".weight", new float[16], 16);
    }
    writer.write(file);
    open = Safetensors.open(file);
  }

  @TearDown
  public void tearDown() throws IOException {
    Files.delete(file);
  }

  @Benchmark
  public Safetensors open() {
    return Safetensors.open(file);
  }

  @Benchmark
  public float[] floats() {
    return open.floats("large");
  }
}
