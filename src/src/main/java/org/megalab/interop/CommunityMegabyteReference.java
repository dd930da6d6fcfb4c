package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.megalab.model.MultiStageMegabyte;
import org.megalab.model.MultiStageMegabyteConfig;

/** Recordings of the community MEGABYTE: logits of full, partial and empty input, and its loss. */
final class CommunityMegabyteReference implements ReferenceModule {

  private final Safetensors file;
  private final MultiStageMegabyte model;
  private final CommunityMegabyteNames names;

  CommunityMegabyteReference(Safetensors file, Path path, JsonObject config, Device device) {
    this.file = file;
    MultiStageMegabyteConfig parsed = CommunityMegabyteNames.config(config);
    // Recorded without dropout.
    model =
        new MultiStageMegabyte(
            parsed.toBuilder().optAttentionDropout(0).optFeedForwardDropout(0).build());
    names = new CommunityMegabyteNames(parsed);
    model.initialize(device, 0);
    try {
      ModelFile.copy(file, path, name -> "param." + names.reference(name), model);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  @Override
  public Map<String, NDArray> outputs(ParameterStore store) {
    long[] shape = file.shape("input.ids");
    NDArray ids =
        store.getManager().create(file.longs("input.ids"), new Shape(shape)).reshape(shape[0], -1);
    Map<String, NDArray> outputs = new LinkedHashMap<>();
    for (String name : file.names()) {
      switch (name) {
        case "output.logits", "output.logits_partial" -> {
          Shape recorded = new Shape(file.shape(name));
          long length = recorded.size() / shape[0] / recorded.get(recorded.dimension() - 1);
          NDArray rows = model.logitsWithStart(store, ids.get(":, :{}", length), true);
          outputs.put(name, rows.get(":, 1:").reshape(recorded)); // the start row is dropped there
        }
        case "output.logits_empty" ->
            outputs.put(name, model.logitsOfNothing(store, ids.get(":, :0")));
        case "output.loss" -> outputs.put(name, model.referenceLoss(store, ids, true));
        default -> {} // inputs, parameters and gradients
      }
    }
    return outputs;
  }

  @Override
  public Map<String, NDArray> parameters() {
    Map<String, NDArray> parameters = new LinkedHashMap<>();
    model
        .namedParameters()
        .forEach((name, p) -> parameters.put(names.reference(name), p.getArray()));
    return parameters;
  }

  @Override
  public void close() {
    model.close();
  }
}
