package org.megalab.interop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.megalab.json.ConfigException;
import org.megalab.layer.RopePairing;
import org.megalab.model.LlamaConfig;

/**
 * The names of Llama's parameters and configuration in Hugging Face's Transformers, which rotates
 * channels i and i + d/2.
 */
final class LlamaNames {

  private static final Pattern LAYER = Pattern.compile("stack\\.layers\\.(\\d+)\\.(.+)");

  private static final Map<String, String> MODEL =
      Map.of(
          "embedding.weight", "model.embed_tokens.weight",
          "stack.norm.weight", "model.norm.weight",
          "head.weight", "lm_head.weight");

  private static final Map<String, String> PARTS =
      Map.of(
          "mixerNorm.weight", "input_layernorm.weight",
          "mixer.query.weight", "self_attn.q_proj.weight",
          "mixer.key.weight", "self_attn.k_proj.weight",
          "mixer.value.weight", "self_attn.v_proj.weight",
          "mixer.out.weight", "self_attn.o_proj.weight",
          "feedForwardNorm.weight", "post_attention_layernorm.weight",
          "feedForward.in.weight", "mlp.gate_proj.weight",
          "feedForward.gate.weight", "mlp.up_proj.weight",
          "feedForward.out.weight", "mlp.down_proj.weight");

  private LlamaNames() {}

  /** Returns the reference's name of one of our parameters. */
  static String reference(String path) {
    Matcher layer = LAYER.matcher(path);
    String name =
        layer.matches()
            ? PARTS.get(layer.group(2)) == null
                ? null
                : "model.layers." + layer.group(1) + "." + PARTS.get(layer.group(2))
            : MODEL.get(path);
    if (name == null) {
      throw new IllegalArgumentException("\"" + path + "\" is no parameter of a Llama");
    }
    return name;
  }

  /**
   * Returns the configuration that a {@code config.json} describes.
   *
   * @throws ConfigException if a value is missing or has no counterpart here
   */
  static LlamaConfig config(JsonObject json) {
    LlamaConfig.Builder builder =
        LlamaConfig.builder()
            .optVocabularySize(required(json, "vocab_size").getAsInt())
            .setContextLength(
                json.has("max_position_embeddings")
                    ? json.get("max_position_embeddings").getAsInt()
                    : 4096)
            .optStartId(json.has("bos_token_id") ? json.get("bos_token_id").getAsInt() : 1)
            .setModelDim(required(json, "hidden_size").getAsInt())
            .setLayers(required(json, "num_hidden_layers").getAsInt())
            .setHeads(required(json, "num_attention_heads").getAsInt())
            .optFeedForwardDim(required(json, "intermediate_size").getAsInt())
            .optNormEpsilon(required(json, "rms_norm_eps").getAsDouble())
            .optRopePairing(RopePairing.HALF_SPLIT);
    if (json.has("num_key_value_heads")) {
      builder.optKeyValueHeads(json.get("num_key_value_heads").getAsInt());
    }
    if (json.has("rope_theta")) {
      builder.optRopeBase(json.get("rope_theta").getAsDouble());
    }
    if (json.has("tie_word_embeddings")) {
      builder.optTiedOutput(json.get("tie_word_embeddings").getAsBoolean());
    }
    return builder.build();
  }

  private static JsonElement required(JsonObject json, String key) {
    ConfigException.check(json.has(key), "the configuration lacks \"%s\"", key);
    return json.get(key);
  }
}
