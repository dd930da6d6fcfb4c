package org.megalab.generate;

import java.util.Random;
import java.util.SplittableRandom;
import org.megalab.HotPath;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** What drawing a byte from 256 logits costs. */
public class SamplingBenchmark extends HotPath {

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
