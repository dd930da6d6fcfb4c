package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.megalab.layer.AttentionFunction;
import org.megalab.layer.NormKind;
import org.megalab.layer.RelativeBias;

/** MEGA as a classifier, as in the Long Range Arena. */
class MegaClassifierTest extends ClassifierContract {

  static Stream<EncoderConfig> encoders() {
    return Stream.of(
        MegaContractTest.mega().optRelativeBias(RelativeBias.SIMPLE).optPreNorm(false).build(),
        MegaContractTest.mega()
            .optAttention(AttentionFunction.LAPLACE)
            .optChunkSize(5)
            .optNorm(NormKind.SCALE)
            .optAffineFinalNorm(true)
            .build());
  }

  /** In training a batch is normalised as a whole; afterwards rows do not see each other. */
  @Test
  void batchNormKeepsItsStatistics() {
    MegaConfig encoder = MegaContractTest.mega().optNorm(NormKind.BATCH).build();
    ClassifierConfig config = ClassifierConfig.builder().setEncoder(encoder).setClasses(3).build();
    try (SequenceClassifier model = config.newModel().initialize(Device.cpu(), 3);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray x =
          manager
              .arange(0, 24)
              .mod(11)
              .toType(ai.djl.ndarray.types.DataType.INT64, false)
              .reshape(new Shape(2, 12));
      NDArray fresh = model.logits(x);
      for (int i = 0; i < 100; i++) {
        model.logits(new ParameterStore(manager, false), x, null, true).close();
      }
      NDArray trained = model.logits(new ParameterStore(manager, false), x, null, true);
      NDArray settled = model.logits(x);
      assertThat(settled.sub(fresh).abs().max().getFloat()).isGreaterThan(1e-2f);
      // The running variance is the unbiased one: 24/23 of the batch's.
      assertThat(settled.sub(trained).abs().max().getFloat()).isLessThan(0.1f);
      NDArray alone = model.logits(x.get("1:"));
      assertThat(alone.sub(settled.get("1:")).abs().max().getFloat()).isLessThan(1e-5f);
    }
  }
}
