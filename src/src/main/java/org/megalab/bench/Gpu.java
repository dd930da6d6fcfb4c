package org.megalab.bench;

import ai.djl.Device;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What NVIDIA's tool tells of a GPU. */
final class Gpu {

  private Gpu() {}

  /** Returns name, driver and memory; an empty text of a CPU, or where there is no such tool. */
  static String describe(Device device) {
    if (!device.isGpu()) {
      return "";
    }
    ProcessBuilder command =
        new ProcessBuilder(
            "nvidia-smi",
            "--query-gpu=name,driver_version,memory.total",
            "--format=csv,noheader",
            "--id=" + device.getDeviceId());
    try {
      Process process = command.redirectErrorStream(true).start();
      process.getOutputStream().close();
      byte[] answer = process.getInputStream().readAllBytes();
      return process.waitFor() == 0 ? new String(answer, StandardCharsets.UTF_8).strip() : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
