package org.megalab.magics;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.megalab.train.RunTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %runs [FOLDER]}. */
@Command(
    description = {
      "Lists the runs in a folder and the folders in it: how far they came, what came of it, and"
          + " which of them run in the background now.",
      "In Java: RunTable.of(RunTable.find(Path.of(\"runs\")));"
    })
final class RunsMagic implements Callable<Table> {
  private final MagicCommands.Call call;

  @Parameters(arity = "0..1", paramLabel = "FOLDER", description = "Default: runs.")
  private Path folder = Path.of("runs");

  RunsMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public Table call() {
    Table table = table(RunTable.find(folder), call.session().trainings());
    if (table.rowCount() == 0) {
      System.out.println(
          "There are no runs in " + folder.toAbsolutePath() + " yet; %train makes one.");
    } else {
      call.session().show(table);
    }
    return table;
  }

  /** The library's table, with what this notebook knows of the runs. */
  static Table table(Map<String, Path> runs, BackgroundTrainings trainings) {
    Table table = RunTable.of(runs);
    StringColumn states = table.stringColumn("state");
    int row = 0;
    for (Path directory : runs.values()) {
      int at = row++;
      trainings
          .in(directory)
          .filter(training -> training.running() || training.failed())
          .ifPresent(
              training ->
                  states.set(
                      at, training.running() ? "running as " + training.name() : training.state()));
    }
    return table;
  }
}
