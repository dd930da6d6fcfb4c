package org.megalab.interop;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.megalab.json.ConfigException;
import org.megalab.model.MegalodonConfig;

/** The names of MEGALODON's parameters and configuration in the reference implementation. */
final class MegalodonNames {

  /** The start symbol of the reference's vocabulary, which its arguments do not hold. */
  static final int START_ID = 1;

  /** Where another start symbol is kept. */
  static final String START_KEY = "bos_token_id";

  private static final int VOCABULARY = 32_000;

  private static final Pattern LAYER = Pattern.compile("stack\\.layers\\.(\\d+)\\.(.+)");

  private static final Map<String, String> MODEL =
      Map.of(
          "embedding.weight", "embed.weight",
          "stack.norm.weight", "output.final_norm.weight",
          "stack.norm.bias", "output.final_norm.bias",
          "head.weight", "output.output.weight");

  private static final Map<String, String> PARTS =
      Map.ofEntries(
          Map.entry("norm.weight", "mega.timenorm.weight"),
          Map.entry("norm.bias", "mega.timenorm.bias"),
          Map.entry("ema.alpha", "mega.cema.alpha"),
          Map.entry("ema.delta", "mega.cema.delta"),
          Map.entry("ema.theta", "mega.cema.theta"),
          Map.entry("ema.gamma", "mega.cema.gamma"),
          Map.entry("ema.omega", "mega.cema.omega"),
          Map.entry("emaNorm.weight", "mega.rmsnorm.weight"),
          Map.entry("attention.shared.weight", "mega.wz.weight"),
          Map.entry("attention.shared.bias", "mega.wz.bias"),
          Map.entry("attention.value.weight", "mega.wv.weight"),
          Map.entry("attention.value.bias", "mega.wv.bias"),
          Map.entry("attention.gate.weight", "mega.wr.weight"),
          Map.entry("attention.gate.bias", "mega.wr.bias"),
          Map.entry("attention.skip.weight", "mega.wh1.weight"),
          Map.entry("attention.skip.bias", "mega.wh1.bias"),
          Map.entry("attention.out.weight", "mega.wh2.weight"),
          Map.entry("attention.gamma", "mega.gamma"),
          Map.entry("attention.beta", "mega.beta"),
          Map.entry("feedForwardNorm.weight", "nffn.norm.weight"),
          Map.entry("feedForwardNorm.bias", "nffn.norm.bias"),
          Map.entry("feedForward.in.weight", "nffn.fc1.weight"),
          Map.entry("feedForward.out.weight", "nffn.fc2.weight"),
          Map.entry("feedForward.gate.weight", "nffn.fc3.weight"),
          Map.entry("feedForwardScale.weight", "nffn.alpha"));

  private MegalodonNames() {}

  /** Returns the reference's name of one of our parameters. */
  static String reference(String path) {
    Matcher layer = LAYER.matcher(path);
    String part = layer.matches() ? PARTS.get(layer.group(2)) : MODEL.get(path);
    if (part == null) {
      throw new IllegalArgumentException(
          "\"" + path + "\" is no parameter of the reference's MEGALODON");
    }
    return layer.matches() ? "layers." + layer.group(1) + "." + part : part;
  }

  /**
   * Returns the configuration that the reference's arguments describe.
   *
   * @throws ConfigException if an argument has no counterpart here
   */
  static MegalodonConfig config(JsonObject arguments) {
    MegalodonConfig.Builder builder =
        MegalodonConfig.builder() // the defaults of the reference's class
            .optVocabularySize(VOCABULARY)
            .optStartId(START_ID)
            .setLayers(8)
            .setModelDim(1024)
            .setSharedDim(256)
            .setValueDim(2048)
            .setFeedForwardDim(2048);
    ReferenceJson json = new ReferenceJson(arguments);
    int chunkSize = json.integer("chunk_size", 2048);
    for (String key : arguments.keySet()) {
      if (!json.has(key)) {
        continue; // as where the base of the rotary frequencies is left to its default
      }
      switch (key) {
        case "vocab_size" -> builder.optVocabularySize(json.integer(key));
        case "num_layers" -> builder.setLayers(json.layers(key));
        case "model_dim" -> builder.setModelDim(json.integer(key));
        case "num_heads" -> builder.optHeads(json.integer(key));
        case "z_dim" -> builder.setSharedDim(json.integer(key));
        case "value_dim" -> builder.setValueDim(json.integer(key));
        case "ffn_hidden_dim" -> builder.setFeedForwardDim(json.integer(key));
        case "cema_ndim" -> builder.optEmaModes(json.integer(key));
        case "chunk_size" -> {}
        case "norm_num_groups" -> builder.optNormGroups(json.integer(key));
        case "norm_affine" -> builder.optNormWeights(json.flag(key, false));
        case "norm_eps" -> builder.optNormEpsilon(json.number(key));
        case "rope_base" -> builder.optRopeBase(json.number(key));
        case "dropout" -> builder.optDropout(json.number(key));
        case "hidden_dropout" -> builder.optHiddenDropout(json.number(key));
        case "attention_dropout" -> builder.optAttentionDropout(json.number(key));
        case "swiglu" -> builder.optSwiglu(json.flag(key, false));
        case "rescale_nffn" -> builder.optRescaledFeedForward(json.flag(key, false));
        case "scale_emb" -> builder.optScaledEmbedding(json.flag(key, false));
        case "share_emb" -> builder.optTiedOutput(json.flag(key, false));
        case START_KEY -> builder.optStartId(json.integer(key));
        case "init_mode", "layerwise_ckpt" -> {} // how training starts and saves memory
        case "output_size" ->
            ConfigException.check(
                json.integer(key) == -1
                    || json.integer(key) == json.integer("vocab_size", VOCABULARY),
                "output_size = %d differs from the vocabulary; only -1, the vocabulary, is known",
                json.integer(key));
        default ->
            throw new ConfigException(
                "the argument \"" + key + "\" of the reference's MEGALODON is not known here");
      }
    }
    return builder.optChunkSize(chunkSize).setContextLength(chunkSize).build();
  }
}
