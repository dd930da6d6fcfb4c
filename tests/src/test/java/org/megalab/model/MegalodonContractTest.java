package org.megalab.model;

import java.util.stream.Stream;
import org.megalab.model.MegalodonConfig.Ema;
import org.megalab.model.MegalodonConfig.Norm;
import org.megalab.model.MegalodonConfig.Residual;

/** What MEGALODON promises, with all its switches. */
class MegalodonContractTest extends ModelContract {

  static MegalodonConfig.Builder small() {
    return MegalodonConfig.builder()
        .optVocabularySize(11)
        .setContextLength(LENGTH)
        .setModelDim(8)
        .setLayers(2)
        .setSharedDim(8)
        .setValueDim(12)
        .setFeedForwardDim(10)
        .optEmaModes(3)
        .optNormGroups(2)
        .optChunkSize(6);
  }

  static Stream<ModelConfig> configs() {
    return Stream.of(
        small().build(),
        small()
            .optHeads(2)
            .optSwiglu(true)
            .optRescaledFeedForward(true)
            .optScaledEmbedding(true)
            .optTiedOutput(true)
            .optStartId(1)
            .build(),
        small().optNorm(Norm.LAYER).optResidual(Residual.PRE_NORM).optChunkSize(24).build(),
        small().optEma(Ema.DAMPED).optNorm(Norm.RMS).build(),
        small().optNorm(Norm.RMS).optEma(Ema.NONE).optNormWeights(false).optChunkSize(64).build(),
        small().optNormalizedAttention(false).optChunkSize(1).build());
  }

  @Override
  float rounding() {
    return 1e-5f;
  }

  /** Without an average and a norm over time, a chunk knows nothing of the chunks before it. */
  @Override
  boolean seesTheWholePast(ModelConfig config) {
    MegalodonConfig megalodon = (MegalodonConfig) config;
    return megalodon.ema() != Ema.NONE || megalodon.chunkSize() >= LENGTH;
  }
}
