package org.megalab.generate;

import java.util.Random;
import java.util.SplittableRandom;
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
import org.openjdk.jmh.annotations.Warmup;

/** What drawing a byte from 256 logits costs. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplingBenchmark {

  /** The bytes that are drawn from; 0 for all. */
  @Param({"0", "40"})
  int topK;

  /** The probability that they have together. */
  @Param({"1", "0.9"})
  double topP;

  private final float[] logits = new float[256];
  private final SplittableRandom random = new SplittableRandom(1);
  private Sampling sampling;

  @Setup
  public void setUp() {
    Random values = new Random(1);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (3 * values.nextGaussian());
    }
    Sampling.Builder builder = Sampling.builder().optTopP(topP);
    sampling = topK == 0 ? builder.build() : builder.optTopK(topK).build();
  }

  @Benchmark
  public int draw() {
    return sampling.draw(logits, random);
  }
}
