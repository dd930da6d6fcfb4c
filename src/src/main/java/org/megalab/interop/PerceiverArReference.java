package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import org.megalab.model.PerceiverAr;

/** Recordings of the community's Perceiver AR: one window whose prefix is as long as can be. */
final class PerceiverArReference extends RecordedLayer {

  private final PerceiverAr model;

  PerceiverArReference(Safetensors file, Path path, JsonObject config, Device device) {
    this(file, path, new PerceiverAr(PerceiverArNames.config(config)), device);
  }

  private PerceiverArReference(Safetensors file, Path path, PerceiverAr model, Device device) {
    super(file, path, device, model, PerceiverArNames::reference);
    this.model = model;
  }

  @Override
  public Map<String, NDArray> outputs(ParameterStore store) {
    int prefix = model.config().prefixLength();
    return Map.of("output.logits", model.windowLogits(store, integers("ids"), prefix, true));
  }
}
