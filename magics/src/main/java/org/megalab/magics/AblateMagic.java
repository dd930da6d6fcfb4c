package org.megalab.magics;

import com.google.gson.JsonObject;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.experiment.Study;
import org.megalab.experiment.StudyBuilder;
import org.megalab.experiment.StudyResult;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code %%ablate [NAME]}. */
@Command(
    description = {
      "Runs a study: arms that differ from a base in what they name, each with several seeds, at"
          + " equal budgets. Shows the table as it grows, then the table with its figures, and defines"
          + " the result as a variable.",
      "The cell holds the study as JSON:",
      "  %%%%ablate patch-size",
      "  {\"model\": {\"architecture\": \"megabyte\", \"preset\": \"tiny\"}, \"data\": \"books\",",
      "   \"training\": {\"steps\": 200}, \"seeds\": 3, \"budget\": {\"bytes\": 500000},",
      "   \"base\": \"patchSize=8\",",
      "   \"arms\": {\"P=8, deep\": {\"local\": {\"layers\": 4}}},",
      "   \"grid\": {\"patchSize\": [4, 8, 16]}}",
      "\"random\" draws arms instead: {\"arms\": 8, \"space\": {\"patchSize\": [4, 8],"
          + " \"training.learningRate\": {\"logarithmic\": [1e-4, 1e-2]}}}; \"halving\" gives all of"
          + " them a small budget and the best more: {\"budget\": {\"bytes\": 20000}, \"eta\": 2}.",
      "Without \"model\" or \"data\" they are those of the variables model and corpus.",
      "Interrupt the cell to stop after the step under way; run it again to go on. Nothing that is"
          + " complete is repeated.",
      "In Java: StudyResult result = Study.ofJson(\"...\", Path.of(\"runs/patch-size\")).run();"
    })
final class AblateMagic implements Callable<StudyResult> {
  private final MagicCommands.Call call;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "What it is called; may stand in the JSON instead.")
  private @Nullable String name;

  @Mixin private final StudyRunner runner = new StudyRunner();

  AblateMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public StudyResult call() {
    runner.check();
    ConfigException.check(
        !call.body().isBlank(),
        "the study stands below the magic as JSON; %%help ablate shows an example");
    JsonObject json = RecordJson.parse(call.body());
    if (name != null) {
      ConfigException.check(
          !json.has("name"), "\"name\" is given twice: in the magic's line and in the cell");
      json.addProperty("name", name);
    }
    if (!json.has("model")) {
      json.add("model", RecordJson.parse(call.session().trainable("model").config().toJson()));
    }
    StudyBuilder study =
        json.has("data")
            ? Study.builder(json.toString())
            : Study.builder(json.toString(), call.session().dataset("corpus"));
    String called = json.has("name") ? json.get("name").getAsString() : "study";
    return runner.run(call.session(), study, runner.folder(called), true);
  }
}
