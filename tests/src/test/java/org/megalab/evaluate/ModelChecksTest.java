package org.megalab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.model.DecodingState;
import org.megalab.model.LlamaConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import tech.tablesaw.api.Table;

/** The checks pass for every architecture of the library, and fail for a model with each fault. */
class ModelChecksTest {
  static Set<String> architectures() {
    return ModelConfig.presets().keySet();
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void passForArchitecturesOfTheLibrary(String architecture) {
    if (!ModelConfig.presets().get(architecture).contains("tiny")) {
      return; // registered by another test
    }
    try (SequenceModel model =
        ModelConfig.preset(architecture, "tiny").newModel().initialize(Device.cpu(), 1)) {
      Table checks = ModelChecks.of(model, 2);
      assertThat(checks.rowCount()).isEqualTo(5);
      assertThat(checks.booleanColumn("passed").countTrue()).as(checks.print()).isEqualTo(5);
    }
  }

  /** A model that is another one but for a fault. */
  private abstract static class Faulty extends SequenceModel {
    final SequenceModel sound;

    Faulty() {
      sound = LlamaConfig.preset("tiny").newModel();
      addChildBlock("sound", sound);
      initialize(Device.cpu(), 1);
    }

    @Override
    public ModelConfig config() {
      return sound.config();
    }

    @Override
    public NDArray logits(ParameterStore store, NDArray ids, boolean training) {
      return sound.logits(store, ids, training);
    }

    @Override
    public DecodingState newDecodingState(int batch) {
      return sound.newDecodingState(batch);
    }
  }

  private static void fails(SequenceModel model, String... failing) {
    try (model) {
      Table checks = ModelChecks.of(model, 2);
      assertThat(checks.where(checks.booleanColumn("passed").isFalse()).stringColumn("check"))
          .containsExactly(failing);
    }
  }

  @Test
  void nameAModelThatSeesTheFuture() {
    fails(
        new Faulty() {
          @Override
          public NDArray logits(ParameterStore store, NDArray ids, boolean training) {
            return super.logits(store, ids.flip(1), training).flip(1);
          }
        },
        "causality",
        "memory",
        "streaming");
  }

  @Test
  void nameAStateThatIsNotTheModels() {
    try (SequenceModel other = LlamaConfig.preset("tiny").newModel().initialize(Device.cpu(), 3)) {
      fails(
          new Faulty() {
            @Override
            public DecodingState newDecodingState(int batch) {
              return other.newDecodingState(batch);
            }
          },
          "streaming");
    }
  }

  @Test
  void nameAParameterThatIsNotUsed() {
    fails(
        new Faulty() {
          @Override
          public NDArray perByteLoss(ParameterStore store, NDArray ids, boolean training) {
            return super.perByteLoss(store, ids, training).mul(0);
          }
        },
        "parameters without gradient");
  }
}
