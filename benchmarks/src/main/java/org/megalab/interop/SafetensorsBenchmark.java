package org.megalab.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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

/** What reading a checkpoint costs: its header, and an array of 4 MiB. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SafetensorsBenchmark {

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
