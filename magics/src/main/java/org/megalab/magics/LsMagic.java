package org.megalab.magics;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %lsmagic}. */
@Command(description = "Lists the magics.")
final class LsMagic implements Callable<@Nullable Object> {
  private final MagicCommands.Call call;

  LsMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public @Nullable Object call() {
    call.session().show(table(call.magics()));
    return null;
  }

  static Table table(MagicCommands magics) {
    return Table.create(
        "magics",
        StringColumn.create("magic", magics.entries().stream().map(MagicCommands.Entry::display)),
        StringColumn.create(
            "what it does", magics.entries().stream().map(MagicCommands.Entry::summary)));
  }
}
