package org.megalab.magics;

import ai.djl.Device;
import org.megalab.torchscript.Libtorch;

/** The names of devices: cpu, gpu0, gpu1 and so on. */
public final class DeviceName {

  private DeviceName() {}

  /** Returns the name that {@link #parse} takes. */
  public static String of(Device device) {
    return device.isGpu() ? "gpu" + device.getDeviceId() : device.getDeviceType();
  }

  /**
   * Returns the device of that name; {@code gpu} is the first GPU.
   *
   * @throws IllegalArgumentException if there is none here, naming those that are
   */
  public static Device parse(String name) {
    if (name.equals("cpu")) {
      return Device.cpu();
    }
    int gpus = Libtorch.engine().getGpuCount();
    if (name.matches("gpu\\d{0,3}")) {
      int index = name.length() == 3 ? 0 : Integer.parseInt(name.substring(3));
      if (index < gpus) {
        return Device.gpu(index);
      }
    }
    throw new IllegalArgumentException(
        "there is no device \""
            + name
            + "\" here; allowed are cpu"
            + (gpus == 0 ? " (no GPU was found)" : ", gpu0 to gpu" + (gpus - 1)));
  }
}
