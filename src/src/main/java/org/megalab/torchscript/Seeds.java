package org.megalab.torchscript;

import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.RandomUtils;

/** The process-wide random numbers: of the engine (dropout) and of DJL (truncated initialisers). */
public final class Seeds {

  private Seeds() {}

  /**
   * Makes what is drawn from now on depend on the seed alone, all 64 bits of it; but where kernels
   * are recorded, of which libtorch knows random numbers of their own.
   */
  public static void set(long seed) {
    if (CudaGraph.isRecording()) {
      return;
    }
    JniUtils.setSeed(seed);
    RandomUtils.RANDOM.setSeed(seed);
  }
}
