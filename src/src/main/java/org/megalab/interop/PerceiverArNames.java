package org.megalab.interop;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.megalab.json.ConfigException;
import org.megalab.model.PerceiverArConfig;

/** The names of Perceiver AR's parameters and configuration in the community's implementation. */
final class PerceiverArNames {

  private static final Pattern LAYER =
      Pattern.compile("stack\\.(cross|latents\\.layers)\\.(\\d+)\\.(.+)");

  private static final Map<String, String> MODEL =
      Map.of(
          "embedding.weight", "token_emb.weight",
          "stack.positions.weight", "pos_emb.weight",
          "head.weight", "to_logits.weight");

  private static final Map<String, String> PARTS =
      Map.ofEntries(
          Map.entry("attention.norm.weight", "0.norm.weight"),
          Map.entry("attention.norm.bias", "0.norm.bias"),
          Map.entry("attention.contextNorm.weight", "0.context_norm.weight"),
          Map.entry("attention.contextNorm.bias", "0.context_norm.bias"),
          Map.entry("attention.query.weight", "0.to_q.weight"),
          Map.entry("attention.keyValue.weight", "0.to_kv.weight"),
          Map.entry("attention.out.weight", "0.to_out.weight"),
          Map.entry("attention.out.bias", "0.to_out.bias"),
          Map.entry("mixerNorm.weight", "0.norm.weight"),
          Map.entry("mixerNorm.bias", "0.norm.bias"),
          Map.entry("mixer.qkv.weight", "0.to_qkv.weight"),
          Map.entry("mixer.out.weight", "0.to_out.weight"),
          Map.entry("feedForwardNorm.weight", "1.0.weight"),
          Map.entry("feedForwardNorm.bias", "1.0.bias"),
          Map.entry("feedForward.in.weight", "1.1.weight"),
          Map.entry("feedForward.out.weight", "1.4.weight"));

  private PerceiverArNames() {}

  /** Returns the reference's name of one of our parameters. */
  static String reference(String path) {
    Matcher layer = LAYER.matcher(path);
    String name = null;
    if (layer.matches() && PARTS.containsKey(layer.group(3))) {
      String list = layer.group(1).equals("cross") ? "perceive_layers." : "layers.";
      name = list + layer.group(2) + "." + PARTS.get(layer.group(3));
    } else {
      name = MODEL.get(path);
    }
    if (name == null) {
      throw new IllegalArgumentException("\"" + path + "\" is no parameter of a Perceiver AR");
    }
    return name;
  }

  /**
   * Returns the configuration that the reference's arguments describe; dropout is left out.
   *
   * @throws ConfigException if a value is missing or has no counterpart here
   */
  static PerceiverArConfig config(JsonObject object) {
    ReferenceJson json = new ReferenceJson(object);
    int window = json.integer("max_seq_len");
    int prefix = json.integer("cross_attn_seq_len");
    int modelDim = json.integer("dim");
    return PerceiverArConfig.builder()
        .optVocabularySize(json.integer("num_tokens"))
        .optStartId(0)
        .setContextLength(window)
        .setModelDim(modelDim)
        .setLayers(json.integer("depth"))
        .optCrossLayers(json.integer("perceive_depth", 1))
        .setHeads(json.integer("heads", 8))
        .optHeadDim(json.integer("dim_head", 64))
        .optFeedForwardDim(modelDim * json.integer("ff_mult", 4))
        .setPrefixLength(prefix)
        .setLatents(window - prefix)
        .build();
  }
}
