package org.megalab.interop;

import com.google.gson.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.megalab.json.ConfigException;
import org.megalab.model.MultiStageMegabyteConfig;

/**
 * The names of the community MEGABYTE's parameters and constructor arguments. Its token embedders
 * count stages from the finest, everything else from the coarsest.
 */
final class CommunityMegabyteNames {

  private static final Pattern STAGE = Pattern.compile("stages\\.(\\d+)\\.(.+)");
  private static final Pattern LAYER = Pattern.compile("transformer\\.layers\\.(\\d+)\\.(.+)");

  private final int stages;

  CommunityMegabyteNames(MultiStageMegabyteConfig config) {
    stages = config.stages();
  }

  /** Returns the reference's name of one of our parameters. */
  String reference(String path) {
    if (path.startsWith("head.")) {
      return "to_logits." + path.substring(5);
    }
    Matcher stage = STAGE.matcher(path);
    if (!stage.matches()) {
      throw new IllegalArgumentException(
          "\"" + path + "\" is no parameter of a multi-stage MEGABYTE");
    }
    int i = Integer.parseInt(stage.group(1));
    int fromFinest = stages - 1 - i;
    String embedder = "token_embs." + fromFinest + (fromFinest == 0 ? "." : ".%d.");
    String rest = stage.group(2);
    Matcher layer = LAYER.matcher(rest);
    if (layer.matches()) {
      return "transformers." + i + ".layers." + layer.group(1) + "." + layerPart(layer.group(2));
    }
    return switch (rest) {
      case "start.weight" -> "start_tokens." + i;
      case "position.weight" -> "pos_embs." + i + ".weight";
      case "embedding.weight" -> embedder.formatted(0) + "weight";
      case "patchNorm.weight" -> embedder.formatted(2) + "weight";
      case "patchNorm.bias" -> embedder.formatted(2) + "bias";
      case "patch.weight" -> embedder.formatted(3) + "weight";
      case "patch.bias" -> embedder.formatted(3) + "bias";
      case "tokenNorm.weight" -> embedder.formatted(4) + "weight";
      case "tokenNorm.bias" -> embedder.formatted(4) + "bias";
      case "projection.weight" -> "to_next_transformer_projections." + i + ".1.weight";
      case "projection.bias" -> "to_next_transformer_projections." + i + ".1.bias";
      case "transformer.norm.gain" -> "transformers." + i + ".norm.g";
      default ->
          throw new IllegalArgumentException(
              "\"" + path + "\" is no parameter of a multi-stage MEGABYTE");
    };
  }

  private static String layerPart(String part) {
    return switch (part) {
      case "attention.norm.gain" -> "0.norm.g";
      case "attention.query.weight" -> "0.to_q.weight";
      case "attention.keyValue.weight" -> "0.to_kv.weight";
      case "attention.out.weight" -> "0.to_out.weight";
      case "feedForward.norm.gain" -> "1.0.g";
      case "feedForward.in.weight" -> "1.1.weight";
      case "feedForward.in.bias" -> "1.1.bias";
      case "feedForward.out.weight" -> "1.4.weight";
      case "feedForward.out.bias" -> "1.4.bias";
      default -> throw new IllegalArgumentException("\"" + part + "\" is no part of a layer");
    };
  }

  /**
   * Returns the configuration that the reference's constructor arguments describe.
   *
   * @throws ConfigException if an argument is missing or has no counterpart here
   */
  static MultiStageMegabyteConfig config(JsonObject arguments) {
    ReferenceJson json = new ReferenceJson(arguments);
    List<Integer> lengths = json.integers("max_seq_len");
    List<Integer> dims = json.integers("dim");
    if (dims.size() == 1) {
      dims = Collections.nCopies(lengths.size(), dims.get(0));
    }
    MultiStageMegabyteConfig.Builder builder =
        MultiStageMegabyteConfig.builder()
            .setDims(dims)
            .setDepths(json.layerCounts("depth"))
            .setStageLengths(lengths);
    for (String key : arguments.keySet()) {
      switch (key) {
        case "max_seq_len", "dim", "depth" -> {}
        case "num_tokens" -> builder.optVocabularySize(json.integer(key));
        case "dim_head" -> builder.optHeadDim(json.integer(key));
        case "heads" -> builder.optHeads(json.integer(key));
        case "ff_mult" -> builder.optFeedForwardMultiple(json.integer(key));
        case "rel_pos" -> builder.optRotary(json.flag(key, false));
        case "pos_emb" -> builder.optLearnedPositions(json.flag(key, false));
        case "pad_id" -> builder.optPadId(json.integer(key));
        case "attn_dropout" -> builder.optAttentionDropout(json.number(key));
        case "ff_dropout" -> builder.optFeedForwardDropout(json.number(key));
        case "flash_attn" -> {} // the same function, computed otherwise
        default ->
            throw new ConfigException("the reference's argument \"" + key + "\" is not known here");
      }
    }
    return builder.build();
  }
}
