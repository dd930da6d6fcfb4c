package org.megalab.interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Locale;
import org.megalab.json.ConfigException;
import org.megalab.layer.RopePairing;
import org.megalab.model.LlamaConfig;

/** Checkpoints of Llama in Hugging Face's Transformers. */
final class LlamaLayout implements ReferenceLayout<LlamaConfig> {

  @Override
  public String title() {
    return "Hugging Face Llama (\"model_type\": \"llama\")";
  }

  @Override
  public Class<LlamaConfig> type() {
    return LlamaConfig.class;
  }

  @Override
  public boolean describes(JsonObject config) {
    return config.has("model_type")
        ? config.get("model_type").equals(new JsonPrimitive("llama"))
        : config.has("hidden_size") && config.has("num_attention_heads");
  }

  @Override
  public LlamaConfig read(JsonObject config) {
    return LlamaNames.config(config);
  }

  @Override
  public JsonObject write(LlamaConfig config) {
    ConfigException.check(
        config.ropePairing() == RopePairing.HALF_SPLIT,
        "ropePairing is %s and the reference turns channels i and i + d/2; train with half_split",
        config.ropePairing().name().toLowerCase(Locale.ROOT));
    ConfigException.check(
        config.startId() >= 0,
        "startId = -1 gives the start symbol an embedding of its own and the reference has none;"
            + " train with the id of a symbol, such as 0");
    JsonArray architectures = new JsonArray();
    architectures.add("LlamaForCausalLM");
    JsonObject json = new JsonObject();
    json.add("architectures", architectures);
    json.addProperty("model_type", "llama");
    json.addProperty("vocab_size", config.vocabularySize());
    json.addProperty("max_position_embeddings", config.contextLength());
    json.addProperty("bos_token_id", config.startId());
    json.addProperty("hidden_size", config.modelDim());
    json.addProperty("num_hidden_layers", config.layers());
    json.addProperty("num_attention_heads", config.heads());
    json.addProperty("num_key_value_heads", config.keyValueHeads());
    json.addProperty("intermediate_size", config.feedForwardDim());
    json.addProperty("hidden_act", "silu");
    json.addProperty("rms_norm_eps", config.normEpsilon());
    json.addProperty("rope_theta", config.ropeBase());
    json.addProperty("tie_word_embeddings", config.tiedOutput());
    json.addProperty("attention_bias", false);
    json.addProperty("mlp_bias", false);
    json.addProperty("initializer_range", config.initStd());
    return json;
  }

  @Override
  public String tensor(LlamaConfig config, String path) {
    return LlamaNames.reference(path);
  }

  /** Tables of frequencies, which old versions stored, and a tied head, which is the embedding. */
  @Override
  public boolean isBuffer(LlamaConfig config, String tensor) {
    return tensor.endsWith("rotary_emb.inv_freq")
        || config.tiedOutput() && tensor.equals("lm_head.weight");
  }
}
