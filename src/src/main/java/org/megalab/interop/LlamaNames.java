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
  static LlamaConfig config(JsonObject object) {
    ReferenceJson json = new ReferenceJson(object);
    int modelDim = json.integer("hidden_size");
    int heads = json.integer("num_attention_heads");
    rejectVariants(json, modelDim, heads);
    return LlamaConfig.builder()
        .optVocabularySize(json.integer("vocab_size"))
        .setContextLength(json.integer("max_position_embeddings", 2048))
        .optStartId(startId(json))
        .setModelDim(modelDim)
        .setLayers(json.layers("num_hidden_layers"))
        .setHeads(heads)
        .optKeyValueHeads(json.integer("num_key_value_heads", heads))
        .optFeedForwardDim(json.integer("intermediate_size"))
        .optNormEpsilon(json.number("rms_norm_eps"))
        .optRopeBase(ropeBase(json))
        .optRopePairing(RopePairing.HALF_SPLIT)
        .optTiedOutput(json.flag("tie_word_embeddings", false))
        .optInitStd(json.number("initializer_range", 0.02))
        .build();
  }

  private static void rejectVariants(ReferenceJson json, int modelDim, int heads) {
    String activation = json.text("hidden_act");
    json.unsupported("hidden_act", activation != null && !activation.equals("silu"), "silu");
    for (String bias : new String[] {"attention_bias", "mlp_bias"}) {
      json.unsupported(bias, json.flag(bias, false), "no biases");
    }
    json.unsupported("rope_scaling", json.has("rope_scaling"), "unscaled rotary positions");
    json.unsupported(
        "head_dim",
        json.has("head_dim") && (long) json.integer("head_dim") * heads != modelDim,
        "heads that are hidden_size / num_attention_heads wide");
    json.unsupported(
        "quantization_config", json.has("quantization_config"), "floating-point weights");
  }

  /** The start of a text; other models than ours may do without. */
  private static int startId(ReferenceJson json) {
    json.unsupported(
        "bos_token_id",
        json.object().has("bos_token_id") && !json.has("bos_token_id"),
        "a start symbol before every text; write the id of one");
    return json.integer("bos_token_id", 1);
  }

  /** Newer versions write {@code "rope_parameters": {"rope_theta": …, "rope_type": "default"}}. */
  private static double ropeBase(ReferenceJson json) {
    if (!json.has("rope_parameters")) {
      return json.number("rope_theta", 10_000);
    }
    JsonElement parameters = json.object().get("rope_parameters");
    ConfigException.check(
        parameters.isJsonObject(), "\"rope_parameters\" must be an object, got %s", parameters);
    ReferenceJson rope = new ReferenceJson(parameters.getAsJsonObject());
    String type = rope.text("rope_type");
    rope.unsupported("rope_type", type != null && !type.equals("default"), "\"default\"");
    return rope.number("rope_theta", json.number("rope_theta", 10_000));
  }
}
