package org.megalab.kernel;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code %reset}: lets go of what cells computed. */
@Command(
    description = {
      "Drops the notebook's variables and the results of cells, so that their memory is released.",
      "Imports, methods, classes and libraries stay."
    })
final class ResetMagic implements Callable<List<String>> {
  private final JavaKernel kernel;

  @Option(names = "--results", description = "Only what cells left behind; variables stay.")
  private boolean resultsOnly;

  ResetMagic(JavaKernel kernel) {
    this.kernel = kernel;
  }

  /** Says what was dropped; returns the names of the variables. */
  @Override
  public List<String> call() throws Exception {
    long before = used();
    List<String> dropped = kernel.reset(resultsOnly);
    double freed = Math.max(0, before - used()) / 1e6;
    List<String> variables = dropped.stream().filter(name -> !name.startsWith("$")).toList();
    System.out.println(
        (variables.isEmpty()
                ? "no variables dropped"
                : "dropped %d variable%s: %s"
                    .formatted(
                        variables.size(),
                        variables.size() == 1 ? "" : "s",
                        String.join(", ", variables)))
            + "; %d results; %s"
                .formatted(
                    dropped.size() - variables.size(),
                    String.format(Locale.ROOT, "%.1f MB of the heap freed", freed)));
    return variables;
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
