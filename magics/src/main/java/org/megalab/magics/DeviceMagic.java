package org.megalab.magics;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Libtorch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code %device [NAME]}. */
@Command(description = "Shows or chooses the device on which %%%%model builds its models.")
final class DeviceMagic implements Callable<Device> {
  private final MagicCommands.Call call;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "cpu, gpu, or gpu1 and so on.")
  private @Nullable String name;

  DeviceMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public Device call() {
    Engine engine = Libtorch.engine();
    int gpus = engine.getGpuCount();
    if (name != null) {
      call.session().device(parse(name, gpus));
    }
    System.out.printf(
        "device %s  (%s %s, %d GPU%s, %d CPU cores)%n",
        name(call.session().device()),
        engine.getEngineName(),
        engine.getVersion(),
        gpus,
        gpus == 1 ? "" : "s",
        Runtime.getRuntime().availableProcessors());
    return call.session().device();
  }

  /** The name that {@link #parse} takes. */
  static String name(Device device) {
    return device.isGpu() ? "gpu" + device.getDeviceId() : device.getDeviceType();
  }

  private static Device parse(String name, int gpus) {
    if (name.equals("cpu")) {
      return Device.cpu();
    }
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
