package org.megalab.interop;

import ai.djl.Device;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import org.megalab.model.MegalodonConfig;

/** Recordings of the reference implementation of MEGALODON, made without dropout. */
final class MegalodonReference extends RecordedLanguageModel {

  MegalodonReference(Safetensors file, Path path, JsonObject config, Device device) {
    super(file, path, device, withoutDropout(config).newModel(), MegalodonNames::reference);
  }

  private static MegalodonConfig withoutDropout(JsonObject config) {
    return MegalodonNames.config(config).toBuilder()
        .optDropout(0)
        .optHiddenDropout(0)
        .optAttentionDropout(0)
        .build();
  }
}
