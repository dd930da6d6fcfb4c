package org.megalab.interop;

import com.google.gson.JsonObject;
import java.util.Map;
import org.megalab.json.ConfigException;
import org.megalab.layer.RelativeAttention.Segments;
import org.megalab.layer.TransformerXlLayer;

/** The names of one layer's parameters and configuration in the reference's Transformer-XL. */
final class TransformerXlNames {

  private static final String LAYER = "layers.0.";

  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("content.bias", "r_w_bias"),
          Map.entry("position.bias", "r_r_bias"),
          Map.entry(LAYER + "attention.qkv.weight", "layer.dec_attn.qkv_net.weight"),
          Map.entry(LAYER + "attention.position.weight", "layer.dec_attn.r_net.weight"),
          Map.entry(LAYER + "attention.out.weight", "layer.dec_attn.o_net.weight"),
          Map.entry(LAYER + "attention.norm.weight", "layer.dec_attn.layer_norm.weight"),
          Map.entry(LAYER + "attention.norm.bias", "layer.dec_attn.layer_norm.bias"),
          Map.entry(LAYER + "attentionNorm.weight", "layer.dec_attn.layer_norm.weight"),
          Map.entry(LAYER + "attentionNorm.bias", "layer.dec_attn.layer_norm.bias"),
          Map.entry(LAYER + "feedForwardNorm.weight", "layer.pos_ff.layer_norm.weight"),
          Map.entry(LAYER + "feedForwardNorm.bias", "layer.pos_ff.layer_norm.bias"),
          Map.entry(LAYER + "feedForward.in.weight", "layer.pos_ff.CoreNet.0.weight"),
          Map.entry(LAYER + "feedForward.in.bias", "layer.pos_ff.CoreNet.0.bias"),
          Map.entry(LAYER + "feedForward.out.weight", "layer.pos_ff.CoreNet.3.weight"),
          Map.entry(LAYER + "feedForward.out.bias", "layer.pos_ff.CoreNet.3.bias"));

  private TransformerXlNames() {}

  /** Returns the reference's name of one of our parameters. */
  static String reference(String path) {
    String name = NAMES.get(path);
    if (name == null) {
      throw new IllegalArgumentException(
          "\"" + path + "\" is no parameter of a Transformer-XL's first layer");
    }
    return name;
  }

  /**
   * Returns the layer that a configuration describes; dropout is left out.
   *
   * @throws ConfigException if a value is missing
   */
  static TransformerXlLayer.Options options(JsonObject object) {
    ReferenceJson json = new ReferenceJson(object);
    int modelDim = json.integer("d_model");
    int heads = json.integer("n_head");
    int memory = json.integer("mem_len", 0);
    boolean sameLength = json.flag("same_length", false);
    return new TransformerXlLayer.Options(
        modelDim,
        heads,
        json.integer("d_head", modelDim / Math.max(heads, 1)),
        json.integer("d_inner"),
        new Segments(
            json.integer("tgt_len", 1),
            memory,
            Math.max(json.integer("clamp_len", 0), 0),
            sameLength),
        json.flag("pre_lnorm", false),
        0,
        0,
        0.02);
  }
}
