package org.megalab.magics;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code %summary [VARIABLE]}. */
@Command(description = "Tells about a model, a run, a corpus or another variable of the notebook.")
final class SummaryMagic implements Callable<@Nullable Object> {
  private final MagicCommands.Call call;

  @Parameters(
      arity = "0..1",
      paramLabel = "VARIABLE",
      description = "The variable. Default: model.")
  private String variable = "model";

  SummaryMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public @Nullable Object call() {
    call.session()
        .show(
            call.session()
                .variable(variable, Object.class, "define it first, for example with %%model"));
    return null;
  }
}
