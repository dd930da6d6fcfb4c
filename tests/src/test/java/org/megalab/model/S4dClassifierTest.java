package org.megalab.model;

import java.util.stream.Stream;
import org.megalab.layer.NormKind;
import org.megalab.layer.S4dInit;

/** S4D as a classifier. */
class S4dClassifierTest extends ClassifierContract {

  static Stream<EncoderConfig> encoders() {
    return Stream.of(
        S4dContractTest.s4d().build(),
        S4dContractTest.s4d()
            .optInit(S4dInit.LEGS)
            .optNorm(NormKind.RMS)
            .optPreNorm(false)
            .optFeedForwardDim(12)
            .build());
  }
}
