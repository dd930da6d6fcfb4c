package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.megalab.json.ConfigException;
import org.megalab.layer.S4d;
import org.megalab.layer.S4dInit;

/** Recordings of the S4D layer of its authors' minimal implementation: u and y (B, H, T). */
final class S4dReference extends RecordedLayer {

  private static final Map<String, String> NAMES =
      Map.of(
          "logStep", "kernel.log_dt",
          "logDecayRate", "kernel.log_A_real",
          "frequency", "kernel.A_imag",
          "c", "kernel.C",
          "skip", "D",
          "out.weight", "output_linear.0.weight",
          "out.bias", "output_linear.0.bias");

  private final S4d layer;

  S4dReference(Safetensors file, Path path, JsonObject config, Device device) {
    this(file, path, layer(config), device);
  }

  private S4dReference(Safetensors file, Path path, S4d layer, Device device) {
    super(file, path, device, layer, NAMES::get);
    this.layer = layer;
  }

  private static S4d layer(JsonObject config) {
    ReferenceJson c = new ReferenceJson(config);
    c.allow(Set.of("d_model", "d_state", "dropout", "transposed", "dt_min", "dt_max", "lr"));
    ConfigException.check(
        c.flag("transposed", true),
        "only recordings of (batch, channels, length) can be compared, got %s",
        config);
    return new S4d(c.integer("d_model"), c.integer("d_state", 64), S4dInit.LIN, false, 0);
  }

  @Override
  public Map<String, NDArray> outputs(ParameterStore store) {
    NDArray u = activation("u", store);
    NDArray y = layer.forward(store, u.swapAxes(1, 2), null, true).swapAxes(1, 2);
    int length = Math.toIntExact(u.getShape().get(2));
    return Map.of("output.y", y, "output.kernel", layer.kernel(store, u, length, true));
  }
}
