package org.megalab.evaluate;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.megalab.torchscript.Tensors;

/** What the system says about memory, in MiB; NaN where it does not say. */
final class Memory {
  private static final double MEBIBYTE = 1 << 20;

  private Memory() {}

  /** What the process holds now. */
  static double resident() {
    return status("VmRSS:");
  }

  /**
   * Lets the peak of the process begin anew, where the system can: what was freed goes back to it
   * first, so that an earlier peak does not hide a later one.
   */
  static void restartPeak(Device device) {
    Tensors.releaseUnused(device);
    try {
      ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
      ManagementFactory.getPlatformMBeanServer()
          .invoke(commands, "systemTrimNativeHeap", new Object[0], new String[0]);
    } catch (JMException e) {
      // A Java that cannot (17 can from 17.0.9 on).
    }
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    } catch (IOException e) {
      // Not Linux, or not allowed: the peak is that since the process began.
    }
  }

  /**
   * The most that was held: on a GPU by all processes when asked, as the engine keeps what it once
   * took, until steps are recorded, which then keep what they need; else by this process since
   * {@link #restartPeak} or its beginning.
   */
  static double peak(Device device) {
    if (!device.isGpu()) {
      return status("VmHWM:");
    }
    return held(device);
  }

  /** What is held on a GPU now, by all processes; NaN of a CPU. */
  static double held(Device device) {
    return device.isGpu() && CudaUtils.hasCuda()
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
