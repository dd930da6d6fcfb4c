package org.megalab.interop;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Set;
import org.megalab.json.ConfigException;
import org.megalab.layer.AttentionFunction;
import org.megalab.layer.MegaSettings;
import org.megalab.layer.NormKind;
import org.megalab.layer.RelativeBias;

/** The names of MEGA's parameters and settings in its authors' implementation. */
final class MegaNames {

  private static final Map<String, String> ATTENTION =
      Map.ofEntries(
          Map.entry("norm.weight", "norm.norm.weight"),
          Map.entry("norm.bias", "norm.norm.bias"),
          Map.entry("norm.runningMean", "norm.norm.running_mean"),
          Map.entry("norm.runningVariance", "norm.norm.running_var"),
          Map.entry("value.weight", "v_proj.weight"),
          Map.entry("value.bias", "v_proj.bias"),
          Map.entry("mix.weight", "mx_proj.weight"),
          Map.entry("mix.bias", "mx_proj.bias"),
          Map.entry("out.weight", "h_proj.weight"),
          Map.entry("out.bias", "h_proj.bias"),
          Map.entry("gamma", "gamma"),
          Map.entry("beta", "beta"),
          Map.entry("relative", "rel_pos_bias.rel_pos_bias"),
          Map.entry("relativeQuery", "rel_pos_bias.alpha"),
          Map.entry("relativeKey", "rel_pos_bias.beta"));

  private MegaNames() {}

  /** Returns the reference's name of one of the attention's parameters. */
  static String attention(String path, NormKind norm) {
    if (path.startsWith("ema.")) {
      return "move." + path.substring(4);
    }
    if (norm == NormKind.SCALE && path.equals("norm.weight")) {
      return "norm.norm.scalar";
    }
    String name = ATTENTION.get(path);
    if (name == null) {
      throw new IllegalArgumentException(
          "\"" + path + "\" is no parameter of MEGA's gated attention");
    }
    return name;
  }

  /**
   * Returns the settings that the reference's constructor arguments describe; dropout is off.
   *
   * @throws ConfigException if a value has no counterpart here
   */
  static MegaSettings settings(JsonObject json) {
    ReferenceJson c = new ReferenceJson(json);
    c.allow(
        Set.of(
            "embed_dim",
            "zdim",
            "hdim",
            "ndim",
            "attention_activation",
            "activation",
            "bidirectional",
            "chunk_size",
            "truncation",
            "norm",
            "norm_type",
            "norm_affine",
            "prenorm",
            "rel_pos_bias",
            "max_positions",
            "dropout",
            "attention_dropout",
            "hidden_dropout",
            "feature_dropout"));
    c.refuseOption("truncation");
    ConfigException.check(
        c.text("activation", "silu").equals("silu") && c.flag("norm_affine", true),
        "only silu and norms with weights have a counterpart here, got %s",
        json);
    return MegaSettings.builder(
            c.integer("embed_dim"), c.integer("zdim"), c.integer("hdim"), c.integer("ndim"))
        .optFunction(function(c.text("attention_activation", "softmax")))
        .optRelativeBias(bias(c.text("rel_pos_bias", "simple")))
        .optPositions(c.integer("max_positions", 1024))
        .optChunkSize(Math.max(0, c.integer("chunk_size", -1)))
        .optNorm(
            norm(c.text("norm", c.text("norm_type", "layernorm"))), c.flag("prenorm", true), 1e-5)
        .optBidirectional(c.flag("bidirectional", false))
        .build();
  }

  private static AttentionFunction function(String name) {
    return switch (name) {
      case "softmax" -> AttentionFunction.SOFTMAX;
      case "laplace" -> AttentionFunction.LAPLACE;
      case "relu2" -> AttentionFunction.RELU_SQUARED;
      default -> throw unknown("attention_activation", name, "softmax, laplace, relu2");
    };
  }

  private static RelativeBias bias(String name) {
    return switch (name) {
      case "simple" -> RelativeBias.SIMPLE;
      case "rotary" -> RelativeBias.ROTARY;
      default -> throw unknown("rel_pos_bias", name, "simple, rotary");
    };
  }

  private static NormKind norm(String name) {
    return switch (name) {
      case "layernorm" -> NormKind.LAYER;
      case "rmsnorm" -> NormKind.RMS;
      case "scalenorm" -> NormKind.SCALE;
      case "batchnorm", "syncbatchnorm" -> NormKind.BATCH;
      default -> throw unknown("norm", name, "layernorm, rmsnorm, scalenorm, batchnorm");
    };
  }

  private static ConfigException unknown(String key, String name, String allowed) {
    return new ConfigException(key + " is \"" + name + "\"; allowed are " + allowed);
  }
}
