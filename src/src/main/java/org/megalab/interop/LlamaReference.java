package org.megalab.interop;

import ai.djl.Device;
import com.google.gson.JsonObject;
import java.nio.file.Path;

/** Recordings of Hugging Face's Llama. */
final class LlamaReference extends RecordedLanguageModel {

  LlamaReference(Safetensors file, Path path, JsonObject config, Device device) {
    super(file, path, device, LlamaNames.config(config).newModel(), LlamaNames::reference);
  }
}
