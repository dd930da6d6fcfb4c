package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.google.gson.JsonObject;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.json.RecordJson;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;

/**
 * Runs of every architecture, with dropout: the seed decides them, and resuming changes nothing.
 */
class ReproducibilityTest extends TrainingFixture {

  static Stream<String> architectures() {
    return ModelConfig.presets().entrySet().stream()
        .filter(entry -> entry.getValue().contains("tiny"))
        .map(entry -> entry.getKey());
  }

  /** The tiny preset, with one key more that names its dropout. */
  private static ModelConfig dropping(String architecture) {
    ModelConfig tiny = ModelConfig.preset(architecture, "tiny");
    JsonObject tree = tiny.toTree();
    assertThat(tree.keySet()).containsAnyOf("dropout", "feedForwardDropout");
    tree.addProperty(tree.has("dropout") ? "dropout" : "feedForwardDropout", 0.1);
    return ModelConfig.fromJson(RecordJson.format(tree));
  }

  private static void same(TrainableModel actual, TrainableModel expected) {
    expected
        .namedParameters()
        .forEach(
            (name, p) ->
                assertThat(actual.weight(name).contentEquals(p.getArray())).as(name).isTrue());
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void aSeedDecidesARunAndResumingItIsTheSameRun(String architecture) throws Exception {
    TrainingConfig config =
        config(6).toBuilder().optBatchSize(2).optWindowLength(24).optCheckpointEvery(2).build();
    try (SequenceModel one = dropping(architecture).newModel().initialize(Device.cpu(), 1);
        SequenceModel two = dropping(architecture).newModel().initialize(Device.cpu(), 1)) {
      training(one, config, "one", TrainingListener.NONE).run();
      training(two, config, "two", TrainingListener.NONE).run();
      assertThat(metrics(folder.resolve("two"))).isEqualTo(metrics(folder.resolve("one")));
      same(two, one);
      Training resumed = Training.resume(folder.resolve("two"), corpus(), 2);
      try (TrainableModel model = resumed.model()) {
        resumed.run();
        assertThat(metrics(folder.resolve("two")))
            .isEqualTo(metrics(folder.resolve("one")))
            .hasSize(6);
        same(model, one);
      }
    }
  }
}
