package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.megalab.layer.LayerState;
import org.megalab.model.LanguageModel;

/**
 * A recording of a language model: logits whose row t has read id t, their loss against the ids one
 * step later, and logits of consecutive parts of the ids.
 */
class RecordedLanguageModel extends RecordedLayer {

  private final Safetensors file;
  private final LanguageModel model;

  RecordedLanguageModel(
      Safetensors file,
      Path path,
      Device device,
      LanguageModel model,
      UnaryOperator<String> referenceName) {
    super(file, path, device, model, referenceName);
    this.file = file;
    this.model = model;
  }

  @Override
  public final Map<String, NDArray> outputs(ParameterStore store) {
    NDArray ids = integers("ids");
    NDArray logits = model.nextLogits(store, ids, null, true);
    Map<String, NDArray> outputs = new LinkedHashMap<>();
    outputs.put("output.logits", logits);
    if (has("output.loss")) {
      outputs.put("output.loss", nextTokenLoss(logits, ids));
    }
    if (has("output.stream_logits")) {
      outputs.put("output.stream_logits", streamed(store, ids));
    }
    return outputs;
  }

  /** The mean cross entropy of row t against id t + 1. */
  private static NDArray nextTokenLoss(NDArray logits, NDArray ids) {
    NDArray logProbabilities = logits.get(":, :-1").logSoftmax(-1);
    return logProbabilities.gather(ids.get(":, 1:").expandDims(2), 2).mean().neg();
  }

  /** The logits of consecutive calls on the parts that the recording names. */
  private NDArray streamed(ParameterStore store, NDArray ids) {
    int batch = Math.toIntExact(ids.getShape().get(0));
    LayerState state =
        model.newState(
            store.getManager(), DataType.FLOAT32, batch, Math.toIntExact(ids.getShape().get(1)));
    NDList parts = new NDList();
    JsonArray splits =
        JsonParser.parseString(file.metadata().get("stream_splits")).getAsJsonArray();
    for (JsonElement split : splits) {
      JsonArray range = split.getAsJsonArray();
      NDArray part = ids.get(":, {}:{}", range.get(0).getAsInt(), range.get(1).getAsInt());
      parts.add(model.nextLogits(store, part, state, false));
    }
    return NDArrays.concat(parts, 1);
  }
}
