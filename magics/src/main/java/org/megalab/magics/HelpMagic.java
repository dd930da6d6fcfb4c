package org.megalab.magics;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code %help [NAME]}. */
@Command(description = "Explains a magic, or lists all of them.")
final class HelpMagic implements Callable<@Nullable Object> {
  private final MagicCommands.Call call;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      completionCandidates = Candidates.Magics.class,
      description = "A magic, with or without its percent signs.")
  private @Nullable String name;

  HelpMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public @Nullable Object call() {
    if (name == null) {
      call.session().show(LsMagic.table(call.magics()));
    } else {
      System.out.println(call.magics().usage(name));
    }
    return null;
  }
}
