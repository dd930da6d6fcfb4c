package org.megalab.kernel;

import org.jspecify.annotations.Nullable;

/**
 * Memory set aside, so that a kernel whose heap is full can still answer, and compile the cell that
 * lets go of what fills it.
 */
final class MemoryReserve {
  private static final int CHUNKS = 128;
  private static final int CHUNK_BYTES = 64 * 1024;

  private byte @Nullable [][] chunks;

  MemoryReserve() {
    refill();
  }

  /** Gives the memory to the kernel if {@code thrown} tells that it needs it. */
  void releaseIfExhausted(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof OutOfMemoryError) {
        chunks = null;
        return;
      }
    }
  }

  /** Sets memory aside again as soon as there is plenty. */
  void refill() {
    Runtime runtime = Runtime.getRuntime();
    long free = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    if (chunks == null && free > 4L * CHUNKS * CHUNK_BYTES) {
      try {
        chunks = new byte[CHUNKS][CHUNK_BYTES];
      } catch (OutOfMemoryError e) {
        chunks = null;
      }
    }
  }
}
