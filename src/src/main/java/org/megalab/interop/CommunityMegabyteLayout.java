package org.megalab.interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import org.megalab.model.MultiStageMegabyteConfig;

/** Checkpoints of the community MEGABYTE; the configuration is its constructor's arguments. */
final class CommunityMegabyteLayout implements ReferenceLayout<MultiStageMegabyteConfig> {

  @Override
  public String title() {
    return "community MEGABYTE (\"max_seq_len\", \"dim\", \"depth\")";
  }

  @Override
  public Class<MultiStageMegabyteConfig> type() {
    return MultiStageMegabyteConfig.class;
  }

  @Override
  public boolean describes(JsonObject config) {
    return config.has("max_seq_len") && config.has("dim") && config.has("depth");
  }

  @Override
  public MultiStageMegabyteConfig read(JsonObject config) {
    return CommunityMegabyteNames.config(config);
  }

  @Override
  public JsonObject write(MultiStageMegabyteConfig config) {
    JsonObject json = new JsonObject();
    json.addProperty("num_tokens", config.vocabularySize());
    json.add("dim", list(config.dims()));
    json.add("depth", list(config.depths()));
    json.add("max_seq_len", list(config.stageLengths()));
    json.addProperty("dim_head", config.headDim());
    json.addProperty("heads", config.heads());
    json.addProperty("ff_mult", config.feedForwardMultiple());
    json.addProperty("rel_pos", config.rotary());
    json.addProperty("pos_emb", config.learnedPositions());
    json.addProperty("pad_id", config.padId());
    json.addProperty("attn_dropout", config.attentionDropout());
    json.addProperty("ff_dropout", config.feedForwardDropout());
    return json;
  }

  private static JsonArray list(List<Integer> values) {
    JsonArray list = new JsonArray();
    values.forEach(list::add);
    return list;
  }

  @Override
  public String tensor(MultiStageMegabyteConfig config, String path) {
    return new CommunityMegabyteNames(config).reference(path);
  }

  /** Tables of rotary frequencies. */
  @Override
  public boolean isBuffer(MultiStageMegabyteConfig config, String tensor) {
    return tensor.endsWith("rotary_emb.inv_freq");
  }
}
