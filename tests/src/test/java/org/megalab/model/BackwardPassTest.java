package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Tensors;

class BackwardPassTest {

  @Test
  void halvesOfABatchAddUp() {
    LlamaConfig config = LlamaConfig.preset("tiny");
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1);
        BackwardPass pass = new BackwardPass(model, Precision.FLOAT32, 0, 0);
        NDManager scratch = model.manager().newSubManager()) {
      NDArray weight = model.weight("embedding.weight");
      model.namedParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
      NDArray ids = ModelContract.ids(scratch, 4, 32);
      double whole = loss(pass, ids, 1);
      float[] expected = Tensors.floats(weight.getGradient());
      model.namedParameters().values().forEach(p -> p.getArray().getGradient().muli(0));
      double first = loss(pass, ids.get(":2"), 0.5);
      double second = loss(pass, ids.get("2:"), 0.5);
      float[] found = Tensors.floats(weight.getGradient());
      assertThat((first + second) / 2).isCloseTo(whole, within(1e-6));
      assertThat(pass.predicted()).isEqualTo(2 * 32);
      assertThat(found)
          .containsExactly(expected, within(1e-7f))
          .isNotEqualTo(new float[found.length]);
      assertThat(pass.release()).isFalse();
    }
  }

  private static double loss(BackwardPass pass, NDArray ids, double share) {
    try (NDArray loss = pass.run(ids, share, 0)) {
      return Tensors.floats(loss)[0];
    }
  }

  @Test
  void whatDropsAtRandomIsNotRecorded() {
    ByteTransformerConfig plain = ByteTransformerConfig.preset("tiny");
    ByteTransformerConfig dropping = plain.toBuilder().optDropout(0.1).build();
    assertThat(plain.toBuilder().optDropout(0).build().dropsOut()).isFalse();
    assertThat(dropping.dropsOut()).isTrue();
    assertThat(dropping.newModel().hasUniformTraining()).isFalse();
    assertThat(LlamaConfig.preset("tiny").newModel().hasUniformTraining()).isTrue();
    assertThat(PerceiverArConfig.preset("tiny").newModel().hasUniformTraining()).isFalse();
  }
}
