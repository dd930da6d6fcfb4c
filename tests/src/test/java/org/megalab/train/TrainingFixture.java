package org.megalab.train;

import ai.djl.Device;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.Corpus;
import org.megalab.data.file.Document;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;
import org.megalab.torchscript.Tensors;

/** A model, a text and a configuration that train in a blink. */
public abstract class TrainingFixture {
  @TempDir Path folder;

  public static final MegabyteConfig SMALL =
      MegabyteConfig.builder()
          .setContextLength(32)
          .setPatchSize(4)
          .setGlobal(TransformerSize.of(32, 1, 2))
          .setLocal(TransformerSize.of(16, 1, 2))
          .optInitStd(0.02)
          .build();

  public static Corpus corpus() {
    Random random = new Random(2);
    StringBuilder text = new StringBuilder();
    while (text.length() < 3000) {
      text.append(random.nextBoolean() ? "the whale " : "a ship and the sea ");
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    List<Document> documents = List.of(Document.of("whale", bytes));
    return Corpus.of(
        "whales",
        documents,
        List.of(Document.of("v", text.substring(0, 333).getBytes(StandardCharsets.UTF_8))),
        List.of());
  }

  static TrainingConfig config(int steps) {
    return TrainingConfig.builder()
        .setSteps(steps)
        .optBatchSize(4)
        .optLearningRate(3e-3)
        .optEvaluateEvery(5)
        .optCheckpointEvery(4)
        .optKeepCheckpoints(3)
        .build();
  }

  Training training(
      SequenceModel model, TrainingConfig config, String name, TrainingListener listener) {
    return Training.builder()
        .setModel(model)
        .setData(corpus())
        .setConfig(config)
        .setDirectory(folder.resolve(name))
        .optListener(listener)
        .build();
  }

  static SequenceModel model() {
    return SMALL.newModel().initialize(Device.cpu(), 1);
  }

  static Map<String, float[]> parameters(SequenceModel model) {
    Map<String, float[]> parameters = new TreeMap<>();
    model
        .namedParameters()
        .forEach((name, p) -> parameters.put(name, Tensors.floats(p.getArray())));
    return parameters;
  }

  /** The metrics without the clock's column. */
  static List<String> metrics(Path run) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonObject object = JsonParser.parseString(line).getAsJsonObject();
      object.remove("seconds");
      lines.add(object.toString());
    }
    return lines;
  }

  static void interruptAt(Progress progress, int step) {
    if (progress.step() == step) {
      Thread.currentThread().interrupt();
    }
  }

  static double last(Run run) {
    var column = run.metrics().doubleColumn("validationBpb").removeMissing();
    return column.get(column.size() - 1);
  }
}
