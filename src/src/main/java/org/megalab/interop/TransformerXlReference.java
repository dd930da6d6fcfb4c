package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import org.megalab.layer.TransformerXlStack;

/**
 * Recordings of one layer of the reference's Transformer-XL: time stands before the batch there,
 * and the memory, if there is one, is an input of its own.
 */
final class TransformerXlReference extends RecordedLayer {

  private final boolean memory;
  private final TransformerXlStack stack;

  TransformerXlReference(Safetensors file, Path path, JsonObject config, Device device) {
    this(file, path, new TransformerXlStack(1, TransformerXlNames.options(config)), device);
  }

  private TransformerXlReference(
      Safetensors file, Path path, TransformerXlStack stack, Device device) {
    super(file, path, device, stack, TransformerXlNames::reference);
    this.stack = stack;
    memory = has("input.mems") && file.shape("input.mems")[0] > 0;
  }

  @Override
  public Map<String, NDArray> outputs(ParameterStore store) {
    NDArray x = activation("x", store).transpose(1, 0, 2); // (B, Q, D)
    NDArray before =
        memory ? activation("mems", store).transpose(1, 0, 2) : x.get(":, :0"); // (B, M, D)
    NDArray y = stack.layer(0).segment(store, x, before, true); // (B, Q, D)
    return Map.of("output.y", y.transpose(1, 0, 2));
  }
}
