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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.data.Corpus;
import org.megalab.data.Example;
import org.megalab.data.ExampleSet;
import org.megalab.data.ListOps;
import org.megalab.data.file.Document;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.EncoderConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.S4dConfig;
import org.megalab.model.TrainableConfig;
import org.megalab.train.Run;
import org.megalab.train.TrainingConfig;
import org.megalab.train.TrainingListener;
import tech.tablesaw.api.Table;

class TaskTableTest {

  @TempDir Path folder;

  static List<String> tasks() {
    return LearningTask.names();
  }

  /** The data is there and whole, and every architecture and classifier can be built for it. */
  @ParameterizedTest
  @MethodSource("tasks")
  void everyTaskFitsEveryArchitecture(String name) {
    LearningTask task = LearningTask.named(name);
    ModelConfig.presets()
        .keySet()
        .forEach(
            architecture -> {
              ModelConfig config = ModelConfig.preset(architecture, "tiny");
              ModelConfig fitted = (ModelConfig) task.fitted(config);
              assertThat(fitted.contextLength())
                  .as(architecture)
                  .isBetween(task.length(), task.length() + 63);
              if (config instanceof EncoderConfig encoder) {
                ClassifierConfig classifier =
                    ClassifierConfig.builder().setEncoder(encoder).setClasses(2).build();
                if (task.data() instanceof ExampleSet examples) {
                  assertThat(((ClassifierConfig) task.fitted(classifier)).classes())
                      .isEqualTo(examples.classes().size());
                } else {
                  assertThatThrownBy(() -> task.fitted(classifier))
                      .hasMessageContaining("no classes");
                }
              }
            });
    if (task.data() instanceof ExampleSet examples) {
      for (int i = 0; i < 20; i++) {
        Example example = examples.train().get(i);
        assertThat(example.input().length + example.target().length)
            .isLessThanOrEqualTo(task.length());
        assertThat(example.label()).isLessThan(examples.classes().size());
      }
      assertThat(examples.validation().size()).isGreaterThan(10);
    } else {
      Corpus corpus = (Corpus) task.data();
      assertThat(corpus.validation().bytes()).isBetween(10_000L, 65_536L);
      assertThat(corpus.train().bytes()).isGreaterThan(100_000);
    }
  }

  @Test
  void everyCellIsARun() throws IOException {
    byte[] text = "the whale and the sea; ".repeat(40).getBytes(StandardCharsets.UTF_8);
    List<Document> documents = List.of(Document.of("whale", text));
    List<LearningTask> tasks =
        List.of(
            new LearningTask(
                "whales", "a text", Corpus.of("whales", documents, documents, List.of()), 24, 8),
            new LearningTask("sums", "", ListOps.ofLength(5, 20).examples(50, 20, 0, 1), 21, 1));
    S4dConfig small = S4dConfig.preset("tiny").toBuilder().setModelDim(8).setLayers(1).build();
    Map<String, TrainableConfig> models = new LinkedHashMap<>();
    models.put("s4d", small);
    models.put("wrong", small.toBuilder().optVocabularySize(9).build());
    models.put(
        "s4d classifier", ClassifierConfig.builder().setEncoder(small).setClasses(2).build());
    TrainingConfig training = TrainingConfig.builder().setSteps(2).optBatchSize(2).build();
    List<String> watched = new ArrayList<>();
    TaskTable runs = new TaskTable(tasks, models, training, folder, Device.cpu());
    Table table =
        runs.run(
            name -> {
              watched.add(name);
              return TrainingListener.NONE;
            });
    assertThat(table.columnNames()).containsExactly("model", "whales (bpb)", "sums (accuracy)");
    assertThat(table.stringColumn("model").asList()).containsExactlyElementsOf(models.keySet());
    assertThat(watched).contains("whales/s4d", "sums/s4d", "sums/s4d classifier");
    assertThat(table.doubleColumn(1).isMissing(2)).isTrue();
    assertThat(runs.errors()).hasSize(2).allMatch(e -> e.contains("vocabularySize = 9"));
    for (String cell : List.of("whales/s4d", "sums/s4d", "sums/s4d classifier")) {
      String model = cell.substring(cell.indexOf('/') + 1);
      boolean text0 = cell.startsWith("whales");
      LearningTask task = tasks.get(text0 ? 0 : 1);
      Run run = Study.open(folder.resolve(task.name()), task.data()).result().run(model, 1);
      assertThat(run.newestCheckpoint()).as(cell).isEqualTo(2);
      assertThat(run.training().windowStride()).isEqualTo(task.stride());
      double value = run.validation(text0 ? "validationBpb" : "validationAccuracy");
      int row = table.stringColumn("model").asList().indexOf(model);
      assertThat(table.doubleColumn(text0 ? 1 : 2).get(row))
          .as(cell)
          .isBetween(value - 1e-4, value + 1e-4);
    }
    assertThat(Files.readAllLines(folder.resolve(TaskTable.FILE))).hasSize(4);
    // Again: nothing is trained twice, and the table is the same.
    watched.clear();
    Table again =
        new TaskTable(tasks, models, training, folder, Device.cpu())
            .run(name -> progress -> watched.add(name));
    assertThat(watched).isEmpty();
    assertThat(again.doubleColumn(2).asList()).isEqualTo(table.doubleColumn(2).asList());
  }

  @Test
  void anUnknownTaskIsNamed() {
    assertThatThrownBy(() -> LearningTask.named("chess"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("chess")
        .hasMessageContaining("fashion-mnist");
  }
}
