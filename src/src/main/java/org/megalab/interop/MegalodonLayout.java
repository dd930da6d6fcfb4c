package org.megalab.interop;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.megalab.json.ConfigException;
import org.megalab.model.MegalodonConfig;

/**
 * Checkpoints with the names of MEGALODON's reference implementation; the configuration is its
 * model's arguments. What is published are pickles, to be converted to safetensors.
 *
 * <p>The arguments hold no start symbol, which is 1 there: {@code bos_token_id} says another. They
 * hold no length of a training window either; it is read as one chunk.
 */
final class MegalodonLayout implements ReferenceLayout<MegalodonConfig> {

  @Override
  public String title() {
    return "MEGALODON (\"z_dim\", \"value_dim\", \"cema_ndim\")";
  }

  @Override
  public Class<MegalodonConfig> type() {
    return MegalodonConfig.class;
  }

  @Override
  public boolean describes(JsonObject config) {
    return config.has("z_dim") && config.has("value_dim") && config.has("cema_ndim");
  }

  @Override
  public MegalodonConfig read(JsonObject config) {
    return MegalodonNames.config(config);
  }

  @Override
  public JsonObject write(MegalodonConfig config) {
    fixed("ema", config.ema(), MegalodonConfig.Ema.COMPLEX);
    fixed("norm", config.norm(), MegalodonConfig.Norm.TIMESTEP);
    fixed("residual", config.residual(), MegalodonConfig.Residual.TWO_HOP);
    fixed("normalizedAttention", config.normalizedAttention(), true);
    ConfigException.check(
        config.startId() >= 0,
        "startId = -1 gives the start symbol an embedding of its own and the reference has none;"
            + " train with the id of a symbol, such as 0");
    JsonObject json = new JsonObject();
    json.addProperty("vocab_size", config.vocabularySize());
    json.addProperty("num_layers", config.layers());
    json.addProperty("model_dim", config.modelDim());
    json.addProperty("num_heads", config.heads());
    json.addProperty("z_dim", config.sharedDim());
    json.addProperty("value_dim", config.valueDim());
    json.addProperty("ffn_hidden_dim", config.feedForwardDim());
    json.addProperty("cema_ndim", config.emaModes());
    json.addProperty("chunk_size", config.chunkSize());
    json.addProperty("norm_num_groups", config.normGroups());
    json.addProperty("norm_affine", config.normWeights());
    json.addProperty("norm_eps", config.normEpsilon());
    json.addProperty("rope_base", config.ropeBase());
    json.addProperty("dropout", config.dropout());
    json.addProperty("hidden_dropout", config.hiddenDropout());
    json.addProperty("attention_dropout", config.attentionDropout());
    json.addProperty("swiglu", config.swiglu());
    json.addProperty("rescale_nffn", config.rescaledFeedForward());
    json.addProperty("scale_emb", config.scaledEmbedding());
    json.addProperty("share_emb", config.tiedOutput());
    json.addProperty("init_mode", config.initialization().name().toLowerCase(Locale.ROOT));
    if (config.startId() != MegalodonNames.START_ID) {
      json.addProperty(MegalodonNames.START_KEY, config.startId());
    }
    return json;
  }

  private static void fixed(String key, Object value, Object only) {
    ConfigException.check(
        value.equals(only), "%s is %s and the reference has %s only", key, value, only);
  }

  @Override
  public String tensor(MegalodonConfig config, String path) {
    return MegalodonNames.reference(path);
  }

  @Override
  public Shape shape(String tensor, Shape ours) {
    return switch (tensor.replaceFirst(".*\\.cema\\.", "")) {
      case "alpha", "delta", "omega" -> ours.add(1);
      case "theta" -> ours.add(1, 1);
      default -> ours;
    };
  }

  /** The tables below, and a tied head, which is the embedding. */
  @Override
  public boolean isBuffer(MegalodonConfig config, String tensor) {
    return buffers(config).containsKey(tensor)
        || config.tiedOutput() && tensor.equals("output.output.weight");
  }

  /** The rotary frequencies base^(−2i/d), and the priors of the norms, which are not in use. */
  @Override
  public Map<String, float[]> buffers(MegalodonConfig config) {
    int dim = config.sharedDim() / config.heads();
    float[] frequencies = new float[dim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) Math.pow(config.ropeBase(), -2.0 * i / dim);
    }
    Map<String, float[]> buffers = new TreeMap<>(Map.of("rope.freqs", frequencies));
    for (int i = 0; i <= config.layers(); i++) {
      String norm = i < config.layers() ? "layers." + i + ".mega.timenorm" : "output.final_norm";
      buffers.put(norm + ".prior_mean", new float[config.normGroups()]);
      buffers.put(norm + ".prior_logv", new float[config.normGroups()]);
    }
    return buffers;
  }
}
