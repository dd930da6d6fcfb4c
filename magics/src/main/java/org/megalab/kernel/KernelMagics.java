package org.megalab.kernel;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The line magics of the kernel itself, each a picocli command with strict options. */
final class KernelMagics {
  private final JavaKernel kernel;
  private final Map<String, Function<JavaKernel, Callable<?>>> commands =
      new TreeMap<>(Map.of("maven", MavenMagic::new, "reset", ResetMagic::new));

  KernelMagics(JavaKernel kernel) {
    this.kernel = kernel;
  }

  void registerWith(MagicRegistry magics) {
    magics.registerMagics(new ClassPathMagics(kernel));
    commands.forEach(
        (name, command) ->
            magics.registerLineMagic(
                name, arguments -> run(name, command.apply(kernel), arguments)));
  }

  /** What picocli knows of {@code %name}; null if it is no magic of the kernel. */
  @Nullable CommandLine command(String display) {
    Function<JavaKernel, Callable<?>> command =
        display.startsWith("%%") ? null : commands.get(display.substring(1));
    return command == null ? null : new CommandLine(command.apply(kernel)).setCommandName(display);
  }

  private static @Nullable Object run(String name, Callable<?> command, List<String> arguments)
      throws Exception {
    CommandLine line = new CommandLine(command).setCommandName("%" + name);
    if (List.of("--help").equals(arguments)) {
      System.out.println(line.getUsageMessage(CommandLine.Help.Ansi.OFF));
      return null;
    }
    try {
      line.parseArgs(arguments.toArray(String[]::new));
    } catch (CommandLine.ParameterException e) {
      String options =
          line.getCommandSpec().options().stream()
              .map(CommandLine.Model.OptionSpec::longestName)
              .collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "%%%s: %s. Options are %s; %%%s --help explains them"
              .formatted(name, e.getMessage(), options, name),
          e);
    }
    return command.call();
  }
}
