package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import org.megalab.layer.MegaAttention;
import org.megalab.layer.MegaSettings;

/** Recordings of the gated attention of the MEGA authors: x and y (T, B, D). */
final class MegaAttentionReference extends RecordedLayer {

  private final MegaAttention attention;

  MegaAttentionReference(Safetensors file, Path path, JsonObject config, Device device) {
    this(file, path, MegaNames.settings(config), device);
  }

  private MegaAttentionReference(
      Safetensors file, Path path, MegaSettings settings, Device device) {
    this(file, path, settings, new MegaAttention(settings), device);
  }

  private MegaAttentionReference(
      Safetensors file, Path path, MegaSettings settings, MegaAttention attention, Device device) {
    super(file, path, device, attention, name -> MegaNames.attention(name, settings.norm()));
    this.attention = attention;
  }

  @Override
  public Map<String, NDArray> outputs(ParameterStore store) {
    NDArray x = activation("x", store).transpose(1, 0, 2); // (B, T, D)
    NDArray y = attention.encode(store, x, null, true);
    return Map.of("output.y", y.transpose(1, 0, 2));
  }
}
