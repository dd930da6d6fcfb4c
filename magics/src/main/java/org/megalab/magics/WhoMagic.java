package org.megalab.magics;

import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.Dataset;
import org.megalab.data.ExampleSet;
import org.megalab.experiment.Study;
import org.megalab.experiment.StudyResult;
import org.megalab.model.TrainableModel;
import org.megalab.train.Run;
import picocli.CommandLine.Command;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %who}. */
@Command(
    description = {
      "Lists the models, data, runs and studies of the notebook: models with their sizes and what is"
          + " done with them, data with their sizes, runs and studies with how they stand.",
      "%%vars lists all variables."
    })
final class WhoMagic implements Callable<@Nullable Object> {
  private final MagicCommands.Call call;

  WhoMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public @Nullable Object call() {
    List<NotebookVariable> variables = call.session().variables();
    List<Table> tables =
        Stream.of(models(variables), data(variables), runs(variables), studies(variables))
            .filter(table -> table.rowCount() > 0)
            .toList();
    tables.forEach(call.session()::show);
    if (tables.isEmpty()) {
      System.out.printf(
          "There are no models, data and runs yet: %%%%model builds a model, %%dataset loads data,"
              + " and %%train makes a run.%n");
    }
    return null;
  }

  private Table models(List<NotebookVariable> variables) {
    StringColumn names = StringColumn.create("model");
    StringColumn architectures = StringColumn.create("architecture");
    LongColumn parameters = LongColumn.create("parameters");
    LongColumn bytes = LongColumn.create("bytes");
    StringColumn devices = StringColumn.create("device");
    StringColumn states = StringColumn.create("state");
    for (NotebookVariable variable : variables) {
      if (variable.value() instanceof TrainableModel model) {
        names.append(variable.name());
        architectures.append(model.config().architecture());
        parameters.append(model.parameterCount());
        boolean held = holdsMemory(model);
        bytes.append(held ? bytes(model) : 0);
        devices.append(held ? DeviceName.of(model.device()) : "");
        states.append(
            call.session()
                .trainings()
                .of(model)
                .map(training -> "in training as " + training.name())
                .orElse(held ? "" : "no parameters"));
      }
    }
    return Table.create("models", names, architectures, parameters, bytes, devices, states);
  }

  /** Whether the model was initialised, and not closed since. */
  private static boolean holdsMemory(TrainableModel model) {
    try {
      return model.manager().isOpen();
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private static long bytes(TrainableModel model) {
    return model.namedParameters().values().stream()
        .map(Parameter::getArray)
        .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
        .sum();
  }

  private static Table data(List<NotebookVariable> variables) {
    StringColumn names = StringColumn.create("data");
    StringColumn sets = StringColumn.create("name");
    StringColumn kinds = StringColumn.create("kind");
    LongColumn training = LongColumn.create("train");
    LongColumn validation = LongColumn.create("validation");
    LongColumn test = LongColumn.create("test");
    for (NotebookVariable variable : variables) {
      if (variable.value() instanceof Dataset data) {
        names.append(variable.name());
        if (data instanceof Corpus corpus) {
          sets.append(corpus.name());
          kinds.append("text, bytes");
          training.append(corpus.train().bytes());
          validation.append(corpus.validation().bytes());
          test.append(corpus.test().bytes());
        } else if (data instanceof ExampleSet set) {
          sets.append(set.name());
          kinds.append("examples of %d classes".formatted(set.classes().size()));
          training.append(set.train().size());
          validation.append(set.validation().size());
          test.append(set.test().size());
        }
      }
    }
    return Table.create("data", names, sets, kinds, training, validation, test);
  }

  private Table runs(List<NotebookVariable> variables) {
    Map<String, Path> runs = new LinkedHashMap<>();
    for (NotebookVariable variable : variables) {
      if (variable.value() instanceof Run run) {
        runs.put(variable.name(), run.directory());
      }
    }
    return RunsMagic.table(runs, call.session().trainings());
  }

  private static Table studies(List<NotebookVariable> variables) {
    StringColumn names = StringColumn.create("study");
    StringColumn titles = StringColumn.create("name");
    LongColumn arms = LongColumn.create("arms");
    LongColumn done = LongColumn.create("runs");
    LongColumn all = LongColumn.create("of");
    StringColumn folders = StringColumn.create("folder");
    for (NotebookVariable variable : variables) {
      StudyResult result =
          variable.value() instanceof Study study
              ? study.result()
              : variable.value() instanceof StudyResult found ? found : null;
      if (result != null) {
        Study study = result.study();
        names.append(variable.name());
        titles.append(study.name());
        arms.append(study.arms().size());
        done.append(result.runs().rowCount());
        all.append((long) study.arms().size() * study.seeds().size());
        folders.append(study.directory().toString());
      }
    }
    return Table.create("studies", names, titles, arms, done, all, folders);
  }
}
