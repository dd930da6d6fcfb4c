package org.megalab.evaluate;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says about memory, in MiB; NaN where it does not say. */
final class Memory {
  private static final double MEBIBYTE = 1 << 20;

  private Memory() {}

  /** What the process holds now. */
  static double resident() {
    return status("VmRSS:");
  }

  /**
   * The most that was held: on a GPU by all processes when asked, as the engine keeps what it once
   * took; else by this process since it began.
   */
  static double peak(Device device) {
    if (!device.isGpu()) {
      return status("VmHWM:");
    }
    return CudaUtils.hasCuda()
        ? CudaUtils.getGpuMemory(device).getCommitted() / MEBIBYTE
        : Double.NaN;
  }

  private static double status(String key) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith(key)) {
          return Double.parseDouble(line.replaceAll("[^0-9]+", "")) / 1024;
        }
      }
    } catch (IOException e) {
      // Not Linux.
    }
    return Double.NaN;
  }
}
