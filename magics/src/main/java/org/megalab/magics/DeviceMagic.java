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

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      completionCandidates = Candidates.Devices.class,
      description = "cpu, gpu, or gpu1 and so on.")
  private @Nullable String name;

  DeviceMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public Device call() {
    Engine engine = Libtorch.engine();
    int gpus = engine.getGpuCount();
    if (name != null) {
      call.session().device(DeviceName.parse(name));
    }
    System.out.printf(
        "device %s  (%s %s, %d GPU%s, %d CPU cores)%n",
        DeviceName.of(call.session().device()),
        engine.getEngineName(),
        engine.getVersion(),
        gpus,
        gpus == 1 ? "" : "s",
        Runtime.getRuntime().availableProcessors());
    return call.session().device();
  }
}
