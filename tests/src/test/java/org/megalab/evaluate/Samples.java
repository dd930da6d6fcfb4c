package org.megalab.evaluate;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.megalab.data.file.Document;
import org.megalab.model.LlamaConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.MegalodonConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;

/** Small models and texts. */
final class Samples {
  static final int CONTEXT = 32;

  private Samples() {}

  /** A context of 32 bytes in patches of 4. */
  static MegabyteConfig megabyte() {
    return MegabyteConfig.builder()
        .setContextLength(CONTEXT)
        .setPatchSize(4)
        .setGlobal(TransformerSize.of(32, 1, 2))
        .setLocal(TransformerSize.of(16, 1, 2))
        .optInitStd(0.3)
        .optDropout(0)
        .build();
  }

  /** A context of 32 bytes, and no state beyond it. */
  static LlamaConfig llama() {
    return LlamaConfig.builder()
        .setContextLength(CONTEXT)
        .setModelDim(16)
        .setLayers(1)
        .setHeads(2)
        .optInitStd(0.3)
        .build();
  }

  /** Windows of 32 bytes in training, chunks of 16, streams of any length. */
  static MegalodonConfig megalodon() {
    return MegalodonConfig.preset("tiny").toBuilder()
        .setContextLength(CONTEXT)
        .setModelDim(16)
        .setLayers(1)
        .optHeads(1)
        .setSharedDim(8)
        .setValueDim(16)
        .setFeedForwardDim(24)
        .optNormGroups(2)
        .optChunkSize(16)
        .build();
  }

  /** The presets "tiny" of all architectures that ship. */
  static Stream<ModelConfig> architectures() {
    return ModelConfig.presets().entrySet().stream()
        .filter(each -> each.getValue().contains("tiny"))
        .map(each -> ModelConfig.preset(each.getKey(), "tiny"));
  }

  static SequenceModel model(ModelConfig config) {
    return config.newModel().initialize(Device.cpu(), 7);
  }

  static Document text(String name, int length) {
    byte[] bytes = new byte[length];
    Random random = new Random(length);
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (random.nextInt(5) == 0 ? ' ' : 'a' + random.nextInt(26));
    }
    return Document.of(name, bytes);
  }

  /** The costs of bytes of a document in one forward pass. */
  static double[] costs(SequenceModel model, Document document, int from, int to) {
    try (NDManager manager = model.manager().newSubManager()) {
      float[] costs =
          model
              .perByteLoss(SequenceModel.ids(manager, document.read(from, to - from)))
              .toFloatArray();
      double[] exact = new double[costs.length];
      Arrays.setAll(exact, i -> costs[i]);
      return exact;
    }
  }
}
