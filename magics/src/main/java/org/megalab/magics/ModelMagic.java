package org.megalab.magics;

import com.google.gson.JsonObject;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.EncoderConfig;
import org.megalab.model.TrainableConfig;
import org.megalab.model.TrainableModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code %%model [ARCHITECTURE]}. */
@Command(
    description = {
      "Builds a model from JSON and defines it as a variable. A model that this magic built before"
          + " under the same name is freed.",
      "The cell holds the keys of the configuration; it may be empty when a preset is named:",
      "  %%%%model megabyte --preset tiny",
      "  {\"patchSize\": 8}",
      "With --classes it is the encoder of a classifier of whole sequences.",
      "In Java: var model = ModelConfig.fromJson(\"...\").newModel().initialize(Device.cpu(), 1);"
    })
final class ModelMagic implements Callable<TrainableModel> {
  private final MagicCommands.Call call;

  @Parameters(
      arity = "0..1",
      paramLabel = "ARCHITECTURE",
      completionCandidates = Candidates.Architectures.class,
      description = "One of ${COMPLETION-CANDIDATES}; may stand in the JSON instead.")
  private @Nullable String architecture;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      completionCandidates = Candidates.Presets.class,
      description = "Where the configuration starts from.")
  private @Nullable String preset;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Builds a classifier of so many classes; the architecture reads both ways.")
  private @Nullable Integer classes;

  @Option(
      names = "--input",
      description = "A classifier's steps: ${COMPLETION-CANDIDATES}. Default: symbols.")
  private ClassifierConfig.@Nullable Input input;

  @Option(names = "--as", paramLabel = "VARIABLE", description = "The variable. Default: model.")
  private String variable = "model";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides the initial parameters. Default: 1.")
  private long seed = 1;

  ModelMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public TrainableModel call() {
    call.session().requireReplaceable(variable);
    JsonObject json = call.body().isBlank() ? new JsonObject() : RecordJson.parse(call.body());
    put(json, "architecture", architecture);
    put(json, "preset", preset);
    TrainableModel model = config(json).newModel().initialize(call.session().device(), seed);
    call.session().defineModel(variable, model);
    call.session().show(model);
    return model;
  }

  private TrainableConfig config(JsonObject json) {
    if (classes == null) {
      ConfigException.check(input == null, "--input is for a classifier; say --classes too");
      return TrainableConfig.fromJson(json.toString());
    }
    ClassifierConfig.Builder builder =
        ClassifierConfig.builder().setEncoder(EncoderConfig.fromTree(json)).setClasses(classes);
    if (input != null) {
      builder.optInput(input);
    }
    return builder.build();
  }

  private static void put(JsonObject json, String key, @Nullable String value) {
    if (value != null) {
      ConfigException.check(
          !json.has(key), "\"%s\" is given twice: in the magic's line and in the cell", key);
      json.addProperty(key, value);
    }
  }
}
