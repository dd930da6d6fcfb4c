package org.megalab.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.Corpus;
import org.megalab.data.file.Document;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.model.LlamaConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;
import org.megalab.train.Progress;
import org.megalab.train.Run;
import org.megalab.train.TrainingConfig;
import org.megalab.train.TrainingListener;
import tech.tablesaw.api.Table;

class ComparisonTest {

  @TempDir Path folder;

  private int window;

  private static final LlamaConfig LLAMA =
      LlamaConfig.builder()
          .setContextLength(48)
          .setModelDim(16)
          .setLayers(1)
          .setHeads(2)
          .optFeedForwardDim(24)
          .build();

  private static final MegabyteConfig MEGABYTE =
      MegabyteConfig.builder()
          .setContextLength(32)
          .setPatchSize(4)
          .setGlobal(TransformerSize.of(32, 1, 2))
          .setLocal(TransformerSize.of(16, 1, 2))
          .build();

  /** A vocabulary that has no bytes cannot be trained on text. */
  private static final LlamaConfig WRONG = LLAMA.toBuilder().optVocabularySize(9).build();

  private static Map<String, ModelConfig> models() {
    Map<String, ModelConfig> models = new LinkedHashMap<>();
    models.put("llama", LLAMA);
    models.put("wrong", WRONG);
    models.put("megabyte", MEGABYTE);
    return models;
  }

  private static Corpus corpus() {
    byte[] text = "the whale and the sea; ".repeat(40).getBytes(StandardCharsets.UTF_8);
    List<Document> documents = List.of(Document.of("whale", text));
    return Corpus.of("whales", documents, documents, List.of());
  }

  private Comparison.Builder comparison() {
    return Comparison.builder()
        .setModels(models())
        .setData(corpus())
        .setTraining(
            TrainingConfig.builder().setSteps(3).optBatchSize(2).optWindowLength(window).build())
        .setDirectory(folder);
  }

  @Test
  void oneRowAModelAndFailuresAreRows() throws IOException {
    Table table = comparison().build().run();
    assertThat(table.columnNames())
        .containsExactly(
            "architecture",
            "parameters",
            "steps",
            "training bytes",
            "seconds",
            "bytes/s",
            "validation bits per byte",
            "error");
    assertThat(table.stringColumn("architecture").asList())
        .containsExactly("llama", "wrong", "megabyte");
    assertThat(table.longColumn("parameters").asList())
        .containsExactly(LLAMA.parameterCount(), WRONG.parameterCount(), MEGABYTE.parameterCount());
    // The same budget: three updates of two windows of the shortest context.
    assertThat(table.longColumn("training bytes").get(0)).isEqualTo(3 * 2 * 32);
    assertThat(table.longColumn("training bytes").get(2)).isEqualTo(3 * 2 * 32);
    assertThat(table.longColumn("training bytes").isMissing(1)).isTrue();
    assertThat(table.doubleColumn("validation bits per byte").isMissing(1)).isTrue();
    assertThat(table.stringColumn("error").get(1)).contains("vocabularySize = 9");
    assertThat(table.stringColumn("error").get(0)).isEmpty();
    Run run = Study.open(folder, corpus()).result().run("llama", 1);
    try (SequenceModel model = run.load(Device.cpu())) {
      double expected = BitsPerByte.of(model, corpus().validation(), 32, () -> false).value();
      assertThat(table.doubleColumn("validation bits per byte").get(0))
          .isBetween(expected - 1e-4, expected + 1e-4);
    }
    assertThat(Files.readAllLines(folder.resolve("runs.csv")))
        .hasSize(4)
        .anyMatch(line -> line.startsWith("megabyte,"))
        .anyMatch(line -> line.startsWith("wrong,") && line.contains("vocabularySize"));
  }

  @Test
  void runsAreGoneOnWith() {
    List<Long> steps = new ArrayList<>();
    Comparison.Builder two =
        comparison()
            .setModels(Map.of("llama", LLAMA))
            .optListener(name -> progress -> steps.add(progress.step()));
    Table first = two.build().run();
    assertThat(steps).containsExactly(1L, 2L, 3L);
    Table again = two.build().run();
    assertThat(steps).hasSize(3); // complete: nothing was trained
    assertThat(again.doubleColumn("validation bits per byte").asList())
        .isEqualTo(first.doubleColumn("validation bits per byte").asList());
    Table otherwise = two.setTraining(TrainingConfig.builder().setSteps(4).build()).build().run();
    assertThat(otherwise.longColumn("steps").asList()).containsExactly(4L);
    assertThat(steps).hasSize(7);
    Table other = comparison().setModels(Map.of("llama", MEGABYTE)).build().run();
    assertThat(other.longColumn("parameters").get(0)).isEqualTo(MEGABYTE.parameterCount());
  }

  @Test
  void anInterruptEndsTheComparison() {
    window = 16;
    Table table =
        comparison()
            .optListener(
                name ->
                    new TrainingListener() {
                      @Override
                      public void onStep(Progress progress) {
                        Thread.currentThread().interrupt();
                      }
                    })
            .build()
            .run();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(table.stringColumn("error").asList())
        .singleElement()
        .asString()
        .contains("interrupted at step 1");
    Table resumed = comparison().setModels(Map.of("llama", LLAMA)).build().run();
    assertThat(resumed.longColumn("steps").asList()).containsExactly(3L);
    assertThat(resumed.stringColumn("error").get(0)).isEmpty();
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> Comparison.builder().build())
        .hasMessageContaining("needs models, data");
    assertThatThrownBy(() -> comparison().setModels(Map.of()).build())
        .hasMessageContaining("at least one model");
    Corpus blind = Corpus.of("blind", corpus().train().documents(), List.of(), List.of());
    assertThatThrownBy(() -> comparison().setData(blind).build())
        .hasMessageContaining("validation");
  }
}
