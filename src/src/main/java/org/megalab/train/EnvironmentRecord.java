package org.megalab.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.megalab.torchscript.Libtorch;

/** What a run's numbers depend on besides its configuration. */
public final class EnvironmentRecord {

  private EnvironmentRecord() {}

  /** Returns the machine, the software and the device. */
  public static JsonObject of(Device device) {
    Engine engine = Libtorch.engine();
    JsonObject environment = new JsonObject();
    environment.addProperty("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    environment.addProperty("java", System.getProperty("java.version"));
    environment.addProperty(
        "os",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    environment.addProperty("processors", Runtime.getRuntime().availableProcessors());
    environment.addProperty("engine", engine.getEngineName() + " " + engine.getVersion());
    environment.addProperty("djl", Engine.getDjlVersion());
    environment.addProperty("device", device.toString());
    return environment;
  }
}
