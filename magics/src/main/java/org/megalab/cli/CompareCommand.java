package org.megalab.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.megalab.data.Corpus;
import org.megalab.experiment.Comparison;
import org.megalab.model.ModelConfig;
import org.megalab.train.TextProgress;
import org.megalab.train.TrainingConfig;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tech.tablesaw.api.Table;

/** {@code megalab compare}. */
@Command(
    name = "compare",
    description = "Trains the architectures alike and compares their bits per byte.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    versionProvider = VersionCommand.class)
public final class CompareCommand implements Callable<Integer> {
  @Option(
      names = "--architectures",
      paramLabel = "NAME",
      split = ",",
      description = "Which, separated by commas. Default: all that have the preset.")
  private List<String> architectures = new ArrayList<>();

  @Option(names = "--preset", paramLabel = "NAME", description = "The size of the models.")
  private String preset = "tiny";

  @Option(
      names = "--corpus",
      paramLabel = "NAME",
      description = "A data set that ships, or a folder with train/ and validation/.")
  private String corpus = "books";

  @Option(names = "--steps", paramLabel = "N", description = "Updates of each model.")
  private int steps = 200;

  @Option(names = "--batch", paramLabel = "N", description = "Windows of an update.")
  private int batch = 16;

  @Option(names = "--seed", paramLabel = "N", description = "Decides weights, windows and dropout.")
  private long seed = 1;

  @Option(names = "--gpu", description = "Train on the first GPU.")
  private boolean gpu;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the runs and compare.csv are written.")
  private Path directory = Path.of("runs", "compare");

  @Option(names = "--resume", description = "Go on with the runs that DIR holds.")
  private boolean resume;

  @Override
  public Integer call() {
    PrintStream progress = System.err; // the table alone is the output
    Comparison comparison =
        Comparison.builder()
            .setModels(models())
            .setData(Corpus.named(corpus))
            .setTraining(
                TrainingConfig.builder().setSteps(steps).optBatchSize(batch).optSeed(seed).build())
            .setDirectory(directory)
            .optResume(resume)
            .optDevice(gpu ? firstGpu() : Device.cpu())
            .optListener(
                name -> {
                  progress.println(name);
                  return new TextProgress(progress, 2);
                })
            .build();
    Table table = comparison.run();
    System.out.println(table.printAll());
    System.err.println("wrote " + directory.resolve(Comparison.FILE));
    boolean failed = table.stringColumn("error").asList().stream().anyMatch(e -> !e.isEmpty());
    return failed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }

  private static Device firstGpu() {
    if (Engine.getEngine("PyTorch").getGpuCount() == 0) {
      throw new IllegalArgumentException("there is no GPU here; leave --gpu out");
    }
    return Device.gpu();
  }

  private Map<String, ModelConfig> models() {
    List<String> names = architectures;
    if (names.isEmpty()) {
      names =
          ModelConfig.presets().entrySet().stream()
              .filter(entry -> entry.getValue().contains(preset))
              .map(Map.Entry::getKey)
              .toList();
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          "no architecture has a preset \"" + preset + "\"; there are " + ModelConfig.presets());
    }
    Map<String, ModelConfig> models = new LinkedHashMap<>();
    for (String name : names) {
      models.put(name, ModelConfig.preset(name, preset));
    }
    return models;
  }
}
