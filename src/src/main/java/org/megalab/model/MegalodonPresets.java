package org.megalab.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Known sizes of MEGALODON, of the paper and its code. Heads are 256 wide for queries and keys and
 * 2048 for values.
 */
final class MegalodonPresets {

  private static final Map<String, MegalodonConfig> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("tiny", bytes(256, 128, 2, 1, 64, 256, 256, 8, 8, 64));
    BY_NAME.put("small", bytes(1024, 256, 6, 2, 128, 512, 512, 16, 16, 256));
    BY_NAME.put("200m", tokens(12, 1024, 1, 2560, 32, false).build());
    BY_NAME.put("200m-bytes", ofBytes(BY_NAME.get("200m")));
    BY_NAME.put("1.3b", tokens(24, 2048, 2, 4864, 64, false).build());
    BY_NAME.put(
        "1.3b-pg19",
        tokens(24, 2048, 2, 3584, 64, true).optScaledEmbedding(true).optTiedOutput(true).build());
    BY_NAME.put("7.1b", tokens(32, 4096, 4, 11_264, 64, false).build());
    BY_NAME.put("7.3b", tokens(32, 4096, 4, 8192, 64, true).build());
    BY_NAME.put(
        "7b", tokens(32, 4096, 4, 8192, 64, true).optChunkSize(4096).optRopeBase(100_000).build());
  }

  private MegalodonPresets() {}

  static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  static MegalodonConfig get(String name) {
    MegalodonConfig preset = BY_NAME.get(name.toLowerCase(Locale.ROOT));
    if (preset == null) {
      throw ConfigChecks.unknownPreset(MegalodonConfig.ARCHITECTURE, name, names());
    }
    return preset;
  }

  private static MegalodonConfig ofBytes(MegalodonConfig config) {
    return config.toBuilder().optVocabularySize(256).optStartId(-1).build();
  }

  private static MegalodonConfig bytes(
      int contextLength,
      int modelDim,
      int layers,
      int heads,
      int sharedDim,
      int valueDim,
      int feedForwardDim,
      int emaModes,
      int normGroups,
      int chunkSize) {
    return MegalodonConfig.builder()
        .setContextLength(contextLength)
        .setModelDim(modelDim)
        .setLayers(layers)
        .optHeads(heads)
        .setSharedDim(sharedDim)
        .setValueDim(valueDim)
        .setFeedForwardDim(feedForwardDim)
        .optEmaModes(emaModes)
        .optNormGroups(normGroups)
        .optChunkSize(chunkSize)
        .build();
  }

  /** A size of the reference implementation: 32K of context, of the Llama 2 vocabulary. */
  private static MegalodonConfig.Builder tokens(
      int layers, int modelDim, int heads, int feedForwardDim, int normGroups, boolean swiglu) {
    return MegalodonConfig.builder()
        .optVocabularySize(32_000)
        .optStartId(1)
        .setContextLength(32_768)
        .setModelDim(modelDim)
        .setLayers(layers)
        .optHeads(heads)
        .setSharedDim(heads * 256)
        .setValueDim(heads * 2048)
        .setFeedForwardDim(feedForwardDim)
        .optSwiglu(swiglu)
        .optNormGroups(normGroups);
  }
}
