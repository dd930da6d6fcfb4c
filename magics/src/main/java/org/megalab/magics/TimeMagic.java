package org.megalab.magics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code %time CODE} and {@code %%time}. */
@Command(
    description = {
      "Runs Java or a magic, shows its value, and prints the time of the wall clock, that of all"
          + " threads of the process together, and the bytes of Java objects that were made.",
      "Compiling the code does not count, unless it holds magics, imports or methods.",
      "What the code defines is there afterwards:",
      "  %%time var bytes = corpus.train().bytes();",
      "On a stock IJava a line with quotes stands in single quotes."
    })
final class TimeMagic implements Callable<@Nullable Object> {
  private final MagicCommands.Call call;

  @Parameters(arity = "0..*", paramLabel = "CODE", description = "What to run, in one line.")
  private List<String> words = new ArrayList<>();

  TimeMagic(MagicCommands.Call call) {
    this.call = call;
  }

  /** What stands behind the code's first word is no option of ours. */
  @Spec
  void spec(CommandSpec spec) {
    spec.parser().stopAtPositional(true);
  }

  @Override
  public @Nullable Object call() throws Exception {
    String line = String.join(" ", words);
    if (line.isBlank() == call.body().isBlank()) {
      throw new IllegalArgumentException(
          line.isBlank()
              ? "there is nothing to time; say for example %time corpus.train().bytes()"
              : "the code stands either in the line of %%time or below it, not in both");
    }
    String code = line.isBlank() ? call.body() : line;
    Object value;
    Stopwatch watch = Stopwatch.begin();
    try {
      String timed = TimedCode.of(code).orElse(null);
      value =
          timed == null
              ? Stopwatch.time(() -> call.session().run(code))
              : call.session().run(timed);
    } finally {
      watch.end();
    }
    System.out.println(watch);
    if (value != null && !code.strip().endsWith(";")) {
      call.session().show(value);
    }
    return value;
  }
}
