package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.megalab.layer.DampedEma;

/** Recordings of the moving average of the MEGA authors: x and y (T, B, D). */
final class DampedEmaReference extends RecordedLayer {

  private final DampedEma ema;

  DampedEmaReference(Safetensors file, Path path, JsonObject config, Device device) {
    this(file, path, ema(config), device);
  }

  private DampedEmaReference(Safetensors file, Path path, DampedEma ema, Device device) {
    super(file, path, device, ema, UnaryOperator.identity());
    this.ema = ema;
  }

  private static DampedEma ema(JsonObject config) {
    ReferenceJson c = new ReferenceJson(config);
    c.allow(Set.of("embed_dim", "ndim", "bidirectional", "truncation"));
    c.refuseOption("truncation");
    return new DampedEma(
        c.integer("embed_dim"), c.integer("ndim", 2), c.flag("bidirectional", false), true);
  }

  @Override
  public Map<String, NDArray> outputs(ParameterStore store) {
    NDArray x = activation("x", store).transpose(1, 0, 2); // (B, T, D)
    NDArray y = ema.encode(store, x, null, true);
    return Map.of("output.y", y.transpose(1, 0, 2));
  }
}
