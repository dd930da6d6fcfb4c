package org.megalab.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.megalab.json.ConfigException;

/**
 * The MEGABYTEs of the paper's tables, two that train on a laptop, and {@code 155m} for benchmarks.
 *
 * <p>The paper's Transformers are cuts of six standard sizes: width and heads of the size, another
 * number of layers. The names say the experiment; sizes in the paper's text are nominal (the
 * standard size scaled by its layers).
 *
 * <p>All of the paper's models have cross-patch attention but for the ablations without it and
 * without a local model. How far it reaches is unpublished: here a whole patch. Where the paper
 * prints a size that its width and layers do not give (2.3B at D2560 L20, 2.7B at D4096 L32), width
 * and layers count. "250M" alone, the global model of image256 without cross-patch attention, is
 * taken as the standard width of 768 in 24 layers.
 */
final class MegabytePresets {

  /** The standard sizes: layers, width, heads. */
  static final TransformerSize S1 = TransformerSize.of(768, 12, 12);

  static final TransformerSize S2 = TransformerSize.of(1024, 24, 16);
  static final TransformerSize S3 = TransformerSize.of(1536, 24, 16);
  static final TransformerSize S4 = TransformerSize.of(2048, 24, 32);
  static final TransformerSize S5 = TransformerSize.of(2560, 32, 32);
  static final TransformerSize S6 = TransformerSize.of(4096, 32, 32);

  private static final Map<String, MegabyteConfig> PRESETS = new LinkedHashMap<>();

  static {
    PRESETS.put(
        "tiny",
        notebook(256, 4, TransformerSize.of(128, 2, 4), TransformerSize.of(64, 2, 4), 0.05));
    PRESETS.put(
        "small",
        notebook(1024, 8, TransformerSize.of(256, 6, 8), TransformerSize.of(128, 3, 4), 0.06));
    PRESETS.put("155m", plain(8192, 8, layers(S2, 11), TransformerSize.of(512, 6, 8)));
    PRESETS.put("text", paper(8192, 8, layers(S4, 14), layers(S2, 18)));
    PRESETS.put("text-no-local", noLocal(paper(8192, 4, layers(S5, 20), S2)));
    PRESETS.put("text-no-global", noGlobal(paper(8192, 8, S2, S2)));
    PRESETS.put("text-no-cross-patch", noCrossPatch(paper(8192, 8, layers(S4, 17), S2)));
    PRESETS.put("text-cnn-encoder", cnn(paper(8192, 8, layers(S4, 13), layers(S2, 18))));
    PRESETS.put("pg19-350m", paper(8192, 8, S2, layers(S2, 20)));
    PRESETS.put("pg19-760m", paper(8192, 8, S3, layers(S2, 18)));
    PRESETS.put("pg19-1.3b", paper(8192, 8, S4, layers(S2, 15)));
    PRESETS.put("pg19-8k", paper(8192, 8, S4, S2));
    PRESETS.put("pg19-16k", paper(16384, 8, S4, S2));
    PRESETS.put("image64-best", paper(12288, 12, width(S5, 2592), S2));
    PRESETS.put("image64", paper(12288, 12, width(S4, 2016), S4));
    PRESETS.put("image256", paper(196608, 192, S1, S1));
    PRESETS.put("image256-patch48", paper(196608, 48, S1, layers(S1, 11)));
    PRESETS.put("image256-patch768", paper(196608, 768, S1, layers(S1, 8)));
    PRESETS.put("image256-no-local", noLocal(paper(196608, 48, width(S6, 4128), S1)));
    PRESETS.put("image256-no-global", noGlobal(paper(196608, 192, S1, S1)));
    PRESETS.put(
        "image256-no-cross-patch",
        noCrossPatch(paper(196608, 192, layers(S1, 24), layers(S1, 15))));
    PRESETS.put("image256-cnn-encoder", cnn(paper(196608, 192, S1, S1)));
    PRESETS.put("image640", paper(1228800, 192, S1, layers(S1, 8)));
    PRESETS.put("audio", paper(524288, 32, S2, S1));
    PRESETS.put("audio-no-local", noLocal(paper(524288, 32, S6, S1)));
    PRESETS.put("audio-no-global", noGlobal(paper(524288, 32, S2, S1)));
    PRESETS.put("audio-no-cross-patch", noCrossPatch(paper(524288, 32, S2, layers(S1, 14))));
    PRESETS.put("audio-cnn-encoder", cnn(paper(524288, 32, S2, S1)));
  }

  private MegabytePresets() {}

  static List<String> names() {
    return List.copyOf(PRESETS.keySet());
  }

  static MegabyteConfig get(String name) {
    MegabyteConfig preset = PRESETS.get(name);
    if (preset == null) {
      throw new ConfigException(
          "there is no MEGABYTE preset \""
              + name
              + "\"; allowed are "
              + String.join(", ", names()));
    }
    return preset;
  }

  /** A model of the paper: its local model reaches as far into the patch before as it can. */
  private static MegabyteConfig paper(
      int contextLength, int patchSize, TransformerSize global, TransformerSize local) {
    return plain(contextLength, patchSize, global, local).toBuilder()
        .optLocalPosition(MegabyteConfig.Position.ROTARY)
        .optCrossPatch(patchSize)
        .build();
  }

  private static MegabyteConfig plain(
      int contextLength, int patchSize, TransformerSize global, TransformerSize local) {
    return MegabyteConfig.builder()
        .setContextLength(contextLength)
        .setPatchSize(patchSize)
        .setGlobal(global)
        .setLocal(local)
        .build();
  }

  private static MegabyteConfig noCrossPatch(MegabyteConfig config) {
    return config.toBuilder()
        .optCrossPatch(0)
        .optLocalPosition(MegabyteConfig.Position.NONE)
        .build();
  }

  private static MegabyteConfig noLocal(MegabyteConfig config) {
    return noCrossPatch(config).toBuilder().optLocalModel(false).build();
  }

  private static MegabyteConfig noGlobal(MegabyteConfig config) {
    return config.toBuilder().optGlobalModel(false).build();
  }

  private static MegabyteConfig cnn(MegabyteConfig config) {
    return config.toBuilder().optConvolutionalEncoder(List.of(3, 5, 7)).build();
  }

  /** Small widths learn faster from a wider initialisation, and a few minutes need no dropout. */
  private static MegabyteConfig notebook(
      int contextLength,
      int patchSize,
      TransformerSize global,
      TransformerSize local,
      double initStd) {
    return plain(contextLength, patchSize, global, local).toBuilder()
        .optInitStd(initStd)
        .optDropout(0)
        .build();
  }

  /**
   * The images' patches of 12 do not divide the paper's widths: the nearest that they and the heads
   * divide.
   */
  private static TransformerSize width(TransformerSize size, int modelDim) {
    return TransformerSize.of(modelDim, size.layers(), size.heads());
  }

  private static TransformerSize layers(TransformerSize size, int layers) {
    return TransformerSize.of(size.modelDim(), layers, size.heads());
  }
}
