package org.megalab.magics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Dataset;
import org.megalab.experiment.Studies;
import org.megalab.experiment.Study;
import org.megalab.experiment.StudyBuilder;
import org.megalab.experiment.StudyResult;
import org.megalab.json.Nearest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %study [NAME|FOLDER]}. */
@Command(
    sortOptions = false,
    description = {
      "Runs a ready-made study of one of the papers' questions, or goes on with the study of a folder."
          + " Without a name, lists the studies.",
      "Interrupt the cell to stop after the step under way; run it again to go on.",
      "In Java: Studies.named(\"megabyte-patch-size\").setDirectory(path).build().run();",
      "         Study.open(path).run();"
    })
final class StudyMagic implements Callable<@Nullable Object> {
  private final MagicCommands.Call call;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      completionCandidates = Candidates.Studies.class,
      description = "A study of the list, or the folder of one.")
  private @Nullable String name;

  @Mixin private final StudyOptions options = new StudyOptions();

  @Mixin private final StudyRunner runner = new StudyRunner();

  @Option(names = "--show", description = "Shows what there is, and trains nothing.")
  private boolean show;

  StudyMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public @Nullable Object call() throws IOException {
    runner.check();
    if (name == null) {
      call.session().show(list());
      return null;
    }
    Path file = Path.of(name).resolve(Study.FILE);
    if (Files.isRegularFile(file)) {
      runner.requireIn(Path.of(name));
      String json = Files.readString(file);
      return run(
          call.session().value("corpus") instanceof Dataset corpus
              ? Study.builder(json, corpus) // it may be of that, and nowhere else
              : Study.builder(json),
          Path.of(name));
    }
    if (!Studies.names().contains(name)) {
      throw new IllegalArgumentException(
          "there is no study \"%s\"%s and no folder with one; %%study lists them: %s"
              .formatted(
                  name,
                  Nearest.of(name, Studies.names())
                      .map(near -> " (did you mean " + near + "?)")
                      .orElse(""),
                  String.join(", ", Studies.names())));
    }
    return run(Studies.named(name), runner.folder(name));
  }

  private static Table list() {
    return Table.create(
        "studies",
        StringColumn.create("study", Studies.names()),
        StringColumn.create("what it asks", Studies.names().stream().map(Studies::about)));
  }

  private StudyResult run(StudyBuilder builder, Path folder) {
    return runner.run(call.session(), options.applyTo(builder), folder, !show);
  }
}
