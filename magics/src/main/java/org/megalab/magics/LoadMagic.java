package org.megalab.magics;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.interop.ModelFile;
import org.megalab.interop.ReferenceCheckpoint;
import org.megalab.model.ModelConfig;
import org.megalab.model.TrainableModel;
import org.megalab.train.Run;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code %load PATH [NAME]}. */
@Command(
    description = {
      "Reads a model and defines it as a variable: what %%save wrote, a run's directory, of which it"
          + " takes the newest checkpoint, or a reference's checkpoint.",
      "A model that a magic defined before under the same name is freed when all has been read.",
      "In Java: var model = ModelFile.load(Path.of(\"mine.safetensors\"), Device.cpu());",
      "         var model = run.load(Device.cpu());"
    })
final class LoadMagic implements Callable<TrainableModel> {
  private final MagicCommands.Call call;

  @Parameters(
      index = "0",
      paramLabel = "PATH",
      completionCandidates = Candidates.Runs.class,
      description = "A .safetensors file, a folder with a model, or a run's directory.")
  private Path path = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The variable. Default: model.")
  private String variable = "model";

  @Option(
      names = "--step",
      paramLabel = "N",
      description = "The checkpoint of a run. Default: the newest.")
  private @Nullable Long step;

  LoadMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public TrainableModel call() {
    call.session().requireReplaceable(variable);
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(
          "there is no " + path.toAbsolutePath() + " to load; %runs lists the runs");
    }
    TrainableModel model = read(call.session().device());
    call.session().defineModel(variable, model);
    call.session().show(model);
    return model;
  }

  private TrainableModel read(Device device) {
    if (Files.isDirectory(path.resolve("checkpoints"))) {
      return checkpoint(Run.open(path), device);
    }
    if (step != null) {
      throw new IllegalArgumentException("--step is for a run; " + path + " is none");
    }
    Path file = Files.isDirectory(path) ? path.resolve(SaveMagic.FILE) : path;
    return Files.exists(file) && ModelFile.isModel(file)
        ? ModelFile.loadTrainable(file, device)
        : ReferenceCheckpoint.load(path, device);
  }

  private TrainableModel checkpoint(Run run, Device device) {
    long at = step == null ? run.newestCheckpoint() : step;
    return run.model() instanceof ModelConfig
        ? run.load(at, device)
        : run.loadClassifier(at, device);
  }
}
