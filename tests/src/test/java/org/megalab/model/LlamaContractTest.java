package org.megalab.model;

import java.util.stream.Stream;
import org.megalab.layer.RopePairing;

/** What the Llama-style Transformer promises. */
class LlamaContractTest extends ModelContract {

  static Stream<ModelConfig> configs() {
    LlamaConfig.Builder llama =
        LlamaConfig.builder()
            .optVocabularySize(11)
            .setContextLength(LENGTH)
            .setModelDim(16)
            .setLayers(2)
            .setHeads(4)
            .optFeedForwardDim(20)
            .optInitStd(0.3);
    return Stream.of(
        llama.build(),
        llama.optKeyValueHeads(2).optRopePairing(RopePairing.HALF_SPLIT).build(),
        llama.optKeyValueHeads(1).optStartId(3).optTiedOutput(true).build());
  }
}
