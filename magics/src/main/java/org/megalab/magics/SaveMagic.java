package org.megalab.magics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.megalab.interop.ModelFile;
import org.megalab.interop.ReferenceCheckpoint;
import org.megalab.model.TrainableModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code %save NAME PATH}. */
@Command(
    description = {
      "Writes a model with its configuration: to a file that ends in .safetensors, or to a folder, as"
          + " model.safetensors. %%load reads it again. What is there already is not overwritten.",
      "In Java: ModelFile.save(model, Path.of(\"mine.safetensors\"));",
      "         ReferenceCheckpoint.save(model, Path.of(\"mine\"));"
    })
final class SaveMagic implements Callable<Path> {
  /** The file of a folder. */
  static final String FILE = "model.safetensors";

  private final MagicCommands.Call call;

  @Parameters(index = "0", paramLabel = "NAME", description = "The model's variable.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "PATH", description = "A .safetensors file, or a folder.")
  private Path path = Path.of("");

  @Option(names = "--force", description = "Replaces the file if it is there.")
  private boolean force;

  @Option(
      names = "--reference",
      description =
          "Takes the names and the configuration of the architecture's reference implementation,"
              + " for other programs to read; a folder must then be a new one.")
  private boolean reference;

  SaveMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public Path call() throws IOException {
    TrainableModel model = call.session().trainable(name);
    call.session()
        .trainings()
        .requireIdle(model, "%load a checkpoint from its run's directory into another variable");
    boolean single = path.toString().endsWith(".safetensors");
    Path file = single ? path : path.resolve(FILE);
    if (Files.isDirectory(file) || !single && Files.isRegularFile(path)) {
      throw new IllegalArgumentException(
          "%s is %s; name a file that ends in .safetensors, or a folder"
              .formatted(path, single ? "a folder" : "a file"));
    }
    if (Files.exists(file) && !force) {
      throw new IllegalArgumentException(
          file.toAbsolutePath() + " is there already; say --force to replace it");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    if (reference) {
      ReferenceCheckpoint.save(call.session().model(name), path);
    } else {
      ModelFile.save(model, file);
    }
    System.out.printf("%s is in %s; %%load reads it again.%n", name, TrainMagic.quoted(path));
    return path;
  }
}
