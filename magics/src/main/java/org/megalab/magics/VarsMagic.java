package org.megalab.magics;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %vars}. */
@Command(
    description = {
      "Lists the variables of the notebook with their types and, in short, their values.",
      "%%who tells more about models, data and runs; %%summary about one variable."
    })
final class VarsMagic implements Callable<@Nullable Object> {
  private final MagicCommands.Call call;

  VarsMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public @Nullable Object call() {
    StringColumn names = StringColumn.create("variable");
    StringColumn types = StringColumn.create("type");
    StringColumn values = StringColumn.create("value");
    for (NotebookVariable variable : call.session().variables()) {
      names.append(variable.name());
      types.append(variable.type());
      values.append(ShortValue.of(variable.value()));
    }
    call.session().show(Table.create("variables", names, types, values));
    return null;
  }
}
