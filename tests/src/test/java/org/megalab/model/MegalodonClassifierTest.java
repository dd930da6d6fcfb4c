package org.megalab.model;

import java.util.stream.Stream;
import org.megalab.model.MegalodonConfig.Ema;
import org.megalab.model.MegalodonConfig.Norm;

/** MEGALODON as a classifier. */
class MegalodonClassifierTest extends ClassifierContract {

  static Stream<EncoderConfig> encoders() {
    MegalodonConfig.Builder small = MegalodonContractTest.small().optNorm(Norm.GROUP);
    return Stream.of(
        small.build(),
        small.optChunkSize(24).optHeads(2).optSwiglu(true).build(),
        small.optNorm(Norm.LAYER).optEma(Ema.NONE).build(),
        small.optNorm(Norm.RMS).optEma(Ema.DAMPED).build(),
        small.optNorm(Norm.TIMESTEP).optEma(Ema.COMPLEX).build());
  }
}
