package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.megalab.layer.LayerState;
import org.megalab.layer.TimestepNorm;

/** Recordings of the reference's timestep norm, with and without state, prior and padding. */
final class TimestepNormReference extends RecordedLayer {

  private final TimestepNorm layer;

  TimestepNormReference(Safetensors file, Path path, JsonObject config, Device device) {
    this(file, path, device, layer(new ReferenceJson(config)));
  }

  /** Without groups each feature is one. */
  private static TimestepNorm layer(ReferenceJson config) {
    int features = config.integer("num_features");
    return new TimestepNorm(
        features,
        config.integer("num_groups", features),
        config.integer("prior_count", 0),
        config.number("eps", 1e-5));
  }

  private TimestepNormReference(Safetensors file, Path path, Device device, TimestepNorm layer) {
    super(file, path, device, layer, TimestepNormReference::reference);
    this.layer = layer;
  }

  private static String reference(String path) {
    return switch (path) {
      case "priorMean" -> "prior_mean";
      case "priorLogVariance" -> "prior_logv";
      default -> path;
    };
  }

  @Override
  public Map<String, NDArray> outputs(ParameterStore store) {
    NDArray x = activation("x", store);
    int batch = Math.toIntExact(x.getShape().get(0));
    LayerState state = layer.newState(store.getManager(), DataType.FLOAT32, batch, 0);
    if (has("input.prev_mean")) {
      state.advance(1); // there are steps before
      NDArray count = integers("prev_count").toType(DataType.FLOAT64, false);
      state.replace(List.of(count, input("prev_mean"), input("prev_var")));
    }
    NDArray padding =
        has("input.padding_mask") ? integers("padding_mask").toType(DataType.BOOLEAN, false) : null;
    Map<String, NDArray> outputs = new LinkedHashMap<>();
    outputs.put("output.y", layer.forward(store, x, padding, state, true));
    outputs.put("output.count", state.get(0));
    outputs.put("output.mean", state.get(1));
    outputs.put("output.var", state.get(2));
    return outputs;
  }
}
