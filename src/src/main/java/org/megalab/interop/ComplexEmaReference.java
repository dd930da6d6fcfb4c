package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.ComplexEma;
import org.megalab.layer.LayerState;

/**
 * Recordings of the reference's complex EMA: x and y are (B, D, T), states (B, D, N, 2). The
 * reference's state is α times ours.
 */
final class ComplexEmaReference extends RecordedLayer {

  private final ComplexEma layer;

  ComplexEmaReference(Safetensors file, Path path, JsonObject config, Device device) {
    this(file, path, device, layer(new ReferenceJson(config)));
  }

  private static ComplexEma layer(ReferenceJson config) {
    return new ComplexEma(config.integer("embed_dim"), config.integer("ndim", 16));
  }

  private ComplexEmaReference(Safetensors file, Path path, Device device, ComplexEma layer) {
    super(file, path, device, layer, name -> name);
    this.layer = layer;
  }

  @Override
  public Map<String, NDArray> outputs(ParameterStore store) {
    Map<String, NDArray> outputs = new LinkedHashMap<>();
    NDArray x = activation("x", store).transpose(0, 2, 1); // (B, T, D)
    outputs.put("output.y", layer.forward(store, x, true).transpose(0, 2, 1));
    outputs.put("output.h_last", run(x, store, null).get(1));
    if (has("input.hx")) {
      NDList continued = run(x, store, input("hx"));
      outputs.put("output.y_with_hx", continued.get(0));
      outputs.put("output.h_last_with_hx", continued.get(1));
    }
    return outputs;
  }

  /** y (B, D, T) and the state at the end (B, D, N, 2) from a state at the beginning. */
  private NDList run(NDArray x, ParameterStore store, @Nullable NDArray hx) {
    NDArray alpha = Activation.sigmoid(parameters().get("alpha")); // (D, N)
    alpha = alpha.reshape(alpha.getShape().get(0), -1);
    LayerState state =
        layer.newState(
            store.getManager(), DataType.FLOAT32, Math.toIntExact(x.getShape().get(0)), 0);
    if (hx != null) {
      state.replace(List.of(part(hx, 0).div(alpha), part(hx, 1).div(alpha)));
    }
    NDArray y = layer.forward(store, x, state, true);
    NDArray last = NDArrays.stack(new NDList(state.get(0).mul(alpha), state.get(1).mul(alpha)), -1);
    return new NDList(y.transpose(0, 2, 1), last);
  }

  private static NDArray part(NDArray hx, int index) {
    return hx.get(new NDIndex("..., {}", index));
  }
}
