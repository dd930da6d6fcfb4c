package org.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.Corpus;
import org.megalab.data.file.Document;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.generate.Generator;
import org.megalab.generate.Sampling;
import org.megalab.interop.ModelFile;
import org.megalab.json.ConfigException;
import org.megalab.model.Architecture;
import org.megalab.model.Flops;
import org.megalab.model.ModelConfig;
import org.megalab.model.ModelContract;
import org.megalab.model.SequenceModel;
import org.megalab.train.Run;
import org.megalab.train.Training;
import org.megalab.train.TrainingConfig;
import org.megalab.train.TrainingListener;
import tech.tablesaw.api.DoubleColumn;

/** An architecture from outside keeps the library's promises, and the library its own to it. */
class GruContractTest extends ModelContract {

  @TempDir Path folder;

  @BeforeAll
  static void register() {
    GruConfig.register();
  }

  static Stream<ModelConfig> configs() {
    return Stream.of(
        GruConfig.builder()
            .optVocabularySize(11)
            .setContextLength(LENGTH)
            .setModelDim(12)
            .setLayers(2)
            .build());
  }

  @Test
  void itsTextFormIsRead() {
    assertThat(
            ModelConfig.fromJson(
                "{\"architecture\": \"example-gru\", \"preset\": \"mini\", \"layers\": 3}"))
        .isEqualTo(GruConfig.preset("mini").toBuilder().setLayers(3).build());
    assertThat(ModelConfig.presets()).containsEntry("example-gru", List.of("mini"));
    GruConfig.register(); // twice does no harm
    assertThatThrownBy(
            () ->
                Architecture.register(
                    new Architecture<>("llama", GruConfig.class, List.of(), GruConfig::preset)))
        .hasMessageContaining("belongs to");
    assertThatThrownBy(
            () -> ModelConfig.fromJson("{\"architecture\": \"example-gru\", \"preset\": \"maxi\"}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("maxi");
  }

  /** Kaplan's count for an architecture that says nothing itself. */
  @Test
  void itCostsTwiceItsParameters() {
    GruConfig gru = GruConfig.preset("mini");
    assertThat(gru.embeddingParameterCount()).isEqualTo((256 + 1 + 256) * 24); // and the output
    assertThat(gru.flops(32))
        .isEqualTo(Flops.weights((double) (gru.parameterCount() - gru.embeddingParameterCount())));
    assertThat(gru.flopsPerByte(9999))
        .isEqualTo(2.0 * (gru.parameterCount() - gru.embeddingParameterCount()));
  }

  @Test
  void itTrainsIsStoredAndGenerates() {
    byte[] text = "the whale and the sea; ".repeat(60).getBytes(StandardCharsets.UTF_8);
    List<Document> documents = List.of(Document.of("whale", text));
    Corpus corpus = Corpus.of("whales", documents, documents, List.of());
    GruConfig config = GruConfig.preset("mini");
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      Run run =
          Training.builder()
              .setModel(model)
              .setData(corpus)
              .setConfig(
                  TrainingConfig.builder()
                      .setSteps(60)
                      .optBatchSize(8)
                      .optLearningRate(0.02)
                      .build())
              .setDirectory(folder.resolve("run"))
              .optListener(TrainingListener.NONE)
              .build()
              .run();
      DoubleColumn cost = run.metrics().doubleColumn("trainBpb");
      assertThat(cost.get(0)).isGreaterThan(6);
      assertThat(BitsPerByte.of(model, corpus.validation()).value()).isLessThan(1);
      Path file = folder.resolve("gru.safetensors");
      ModelFile.save(model, file);
      try (SequenceModel stored = ModelFile.load(file, Device.cpu());
          SequenceModel trained = run.load(Device.cpu())) {
        NDArray ids = SequenceModel.ids(manager, "the sea".getBytes(StandardCharsets.UTF_8));
        float[] expected = model.logits(ids).toFloatArray();
        assertThat(stored.config()).isEqualTo(config);
        assertThat(stored.logits(ids).toFloatArray()).containsExactly(expected);
        assertThat(trained.logits(ids).toFloatArray()).containsExactly(expected);
      }
      Sampling sampling = Sampling.builder().optTemperature(0.1).build();
      assertThat(
              new Generator(model, sampling)
                  .generate("the whale and ".getBytes(StandardCharsets.UTF_8), 100)
                  .text())
          .contains("the sea; the whale and the sea;"); // longer than the context
      assertThat(model.namedParameters())
          .containsKeys("embedding.weight", "stack.layers.0.mixer.hidden.weight", "head.weight");
    }
  }
}
